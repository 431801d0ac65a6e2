namespace Borderless.Tests.Properties;

public sealed class BodyLimitLaws
{
    [Property]
    public bool Exactly_what_is_longer_is_refused(long length, long max) =>
        BodyLimit.Check(length, max).IsRight == (length <= max);

    [Property]
    public bool What_announces_no_length_is_not_refused_for_it(long max) => BodyLimit.Check(null, max).IsRight;
}
