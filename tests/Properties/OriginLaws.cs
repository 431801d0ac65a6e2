namespace Borderless.Tests.Properties;

public sealed class OriginLaws
{
    [Theory]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("http://localhost:3000/", "http://localhost:3000")]
    [InlineData("https://Blobs.Example.com", "https://Blobs.Example.com")]
    [InlineData("https://[::1]:8443", "https://[::1]:8443")]
    public void An_origin_is_kept_as_it_was_written_without_a_slash_at_its_end(string text, string value) =>
        Assert.Equal(Some(value), Origin.Parse(text).Map(origin => origin.Value));

    [Theory]
    [InlineData("")]
    [InlineData("localhost:3000")]
    [InlineData("ftp://localhost")]
    [InlineData("http://")]
    [InlineData("http://localhost//")]
    [InlineData("http://localhost/store")]
    [InlineData("http://localhost?x")]
    [InlineData("http://localhost#x")]
    [InlineData("http://user@localhost")]
    [InlineData(" http://localhost")]
    [InlineData("http:\\\\localhost")]
    [InlineData("http://localhost/.")]
    public void What_would_make_dead_urls_is_none(string text) => Assert.True(Origin.Parse(text).IsNone);
}
