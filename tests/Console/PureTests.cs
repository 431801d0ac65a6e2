using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>The page's pure functions, asked in the page itself.</summary>
[Collection(Stage.Name)]
public sealed class PureTests(Stage stage)
{
    [Fact]
    public async Task A_plan_covers_every_byte_of_a_file_once_with_at_most_ten_thousand_chunks()
    {
        await using var visitor = await stage.Visit();

        var wrong = await visitor.Page.EvaluateAsync<string[]>(
            """
            () => [0, 1, SINGLE_UP_TO, SINGLE_UP_TO + 1, 200 * MIB, 80000 * MIB, 80000 * MIB + 1, 5e12].filter(size => {
              const record = { size, ...planOf(size) };
              const ranges = indexesOf(record.total).map(index => rangeOf(record, index));
              return record.total > CHUNKS_AT_MOST || ranges[0].from !== 0 || ranges.at(-1).to !== size
                || ranges.some((range, at) => at > 0 && (range.from !== ranges[at - 1].to || range.from >= range.to));
            }).map(String)
            """);

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("""parseSize("10 MiB")""", "10485760")]
    [InlineData("""parseSize("1.5k")""", "1536")]
    [InlineData("""parseSize("512")""", "512")]
    [InlineData("""parseSize("ten")""", "null")]
    [InlineData("""parseSize("")""", "null")]
    [InlineData("formatBytes(0)", "\"0 B\"")]
    [InlineData("formatBytes(1023)", "\"1023 B\"")]
    [InlineData("formatBytes(8 * MIB)", "\"8 MiB\"")]
    [InlineData("formatBytes(1.25 * MIB)", "\"1.3 MiB\"")]
    [InlineData("formatDuration(0.2)", "\"1 s\"")]
    [InlineData("formatDuration(3599)", "\"59 min 59 s\"")]
    [InlineData("""nameOf("attachment; filename=\"a\\\"b.txt\"")""", "\"a\\\"b.txt\"")]
    [InlineData("""nameOf("inline; filename=plain.txt; size=1")""", "\"plain.txt\"")]
    [InlineData("""nameOf("attachment; filename*=UTF-8''%zz; filename=\"p\"")""", "\"p\"")]
    [InlineData("nameOf(null)", "null")]
    [InlineData("""nameOf(dispositionOf("sm\u00e4ll \u202e (1)'\u0022.bin"))""", "\"sm\u00e4ll \u202e (1)'\\\".bin\"")]
    [InlineData("""/^[\x20-\x7e]*$/.test(dispositionOf("\ud800\n\u2028.bin"))""", "true")]
    [InlineData("""previewKind("application/ld+json; charset=utf-8")""", "\"text\"")]
    [InlineData("""previewKind("application/zip")""", "null")]
    [InlineData("""pathOf("https://else.example/b/i?expires=1&sig=a%2B=")""", "\"/b/i?expires=1&sig=a%2B=\"")]
    [InlineData("""rateOf(sampled(sampled([], 0, 100), 2000, 4100))""", "2000")]
    [InlineData("""rateOf(sampled([{ at: 0, bytes: 0 }], 20000, 4100))""", "null")]
    [InlineData("[0, 1, 5, 50].map(backoff)", "[1000,2000,30000,30000]")]
    [InlineData("""parseMetrics('# HELP a b\na{x="1,2}",y="q\\"\\n"} 1.5e3 17\nb NaN\nbroken{\nc +Inf').length""", "3")]
    [InlineData("""parseMetrics('a{x="1,2}",y="q\\"\\n"} 1.5e3 17')[0]""", """{"name":"a","labels":{"x":"1,2}","y":"q\"\n"},"value":1500}""")]
    [InlineData("""requestRate({ at: 0, requests: 10 }, { at: 5000, requests: 5 })""", "null")]
    [InlineData("""requestRate(null, { at: 5000, requests: 5 })""", "null")]
    [InlineData("""sumOf(parseMetrics("x 1"), "y")""", "null")]
    [InlineData("""differenceOf({ name: "a", size: 1, lastModified: 2 }, { name: "a", size: 1, lastModified: 2 })""", "null")]
    public async Task A_function_says_what_it_should(string expression, string expected)
    {
        await using var visitor = await stage.Visit();

        Assert.Equal(expected, await visitor.Page.EvaluateAsync<string>($"JSON.stringify({expression})"));
    }
}
