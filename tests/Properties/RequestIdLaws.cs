namespace Borderless.Tests.Properties;

public sealed class RequestIdLaws
{
    [Property]
    public Property A_sent_id_is_kept_exactly_when_it_is_visible_ascii_of_1_to_128_characters(string? sent)
    {
        var visible = sent is { Length: > 0 and <= 128 } && sent.All(c => c is >= '!' and <= '~');
        return (RequestId.Choose(sent, () => "made") == (visible ? sent : "made")).Classify(visible, "kept");
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Its_length_is_bounded(int length, bool kept) =>
        Assert.Equal(kept, RequestId.Choose(new string('a', length), () => "made") != "made");
}
