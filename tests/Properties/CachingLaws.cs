namespace Borderless.Tests.Properties;

public sealed class CachingLaws
{
    [Property]
    public Property A_download_is_kept_for_a_minute_and_no_longer_than_its_url_lives(UrlTime now, PositiveInt rest)
    {
        var age = rest.Get % 120;
        return (Caching.Download(now.Seconds.Plus(age), now.Seconds) == $"private, max-age={(age < 60 ? age : 60)}, must-revalidate"
                && Caching.Download(now.Seconds, now.Seconds.Plus(age)) == "private, max-age=0, must-revalidate")
            .Classify(age < 60, "less than a minute");
    }
}
