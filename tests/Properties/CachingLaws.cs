namespace Borderless.Tests.Properties;

public sealed class CachingLaws
{
    [Property]
    public Property A_download_is_kept_no_longer_than_its_url_lives(UrlTime expires, UrlTime now)
    {
        var age = expires.Value > now.Value ? expires.Value - now.Value : 0;
        return (Caching.Download(expires.Seconds, now.Seconds) == $"private, max-age={age}").Classify(age == 0, "already over");
    }
}
