using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>The page's pure functions, asked in the page itself.</summary>
[Collection(Stage.Name)]
public sealed class PureTests(Stage stage)
{
    private static readonly (string Expression, string Json)[] Cases =
    [
        ("""parseSize("10 MiB")""", "10485760"),
        ("""parseSize("1.5k")""", "1536"),
        ("""parseSize("512")""", "512"),
        ("""parseSize("ten")""", "null"),
        ("""parseSize("")""", "null"),
        ("formatBytes(0)", "\"0 B\""),
        ("formatBytes(1023)", "\"1023 B\""),
        ("formatBytes(8 * MIB)", "\"8 MiB\""),
        ("formatBytes(1.25 * MIB)", "\"1.3 MiB\""),
        ("formatDuration(0.2)", "\"1 s\""),
        ("formatDuration(3599)", "\"59 min 59 s\""),
        ("""nameOf("attachment; filename=\"a\\\"b.txt\"")""", "\"a\\\"b.txt\""),
        ("""nameOf("inline; filename=plain.txt; size=1")""", "\"plain.txt\""),
        ("""nameOf("attachment; filename*=UTF-8''%zz; filename=\"p\"")""", "\"p\""),
        ("nameOf(null)", "null"),
        ("""nameOf(dispositionOf("sm\u00e4ll \u202e (1)'\u0022.bin"))""", "\"sm\u00e4ll \u202e (1)'\\\".bin\""),
        ("""/^[\x20-\x7e]*$/.test(dispositionOf("\ud800\n\u2028.bin"))""", "true"),
        ("""previewKind("application/ld+json; charset=utf-8")""", "\"text\""),
        ("""previewKind("application/zip")""", "null"),
        ("""["text/plain", "TEXT/html; a=b", "text/plain;charset=latin1", "image/png", ""].filter(lacksCharset)""", """["text/plain","TEXT/html; a=b"]"""),
        ("isUtf8(new Uint8Array([0x68, 0xc3, 0xa9])) && isUtf8(new Uint8Array())", "true"),
        ("isUtf8(new Uint8Array([0x68, 0xe9]))", "false"),
        ("""pathOf("https://else.example/b/i?expires=1&sig=a%2B=")""", "\"/b/i?expires=1&sig=a%2B=\""),
        ("""rateOf(sampled(sampled([], 0, 100), 2000, 4100))""", "2000"),
        ("""rateOf(sampled([{ at: 0, bytes: 0 }], 20000, 4100))""", "null"),
        ("halvedPlan({ size: 24 * MIB, chunkSize: 8 * MIB })", """{"chunkSize":4194304,"total":6}"""),
        ("halvedPlan({ size: 3, chunkSize: 3 })", "null"),
        ("halvedPlan({ size: 80000 * MIB, chunkSize: 8 * MIB })", "null"),
        ("""answerFrom(200, '{"success":true,"a":1}').a""", "1"),
        (Thrown("answerFrom(200, '<h1>')"), "[\"unexpected_answer\",5]"),
        (Thrown("answerFrom(200, 'null')"), "[\"unexpected_answer\",5]"),
        (Thrown("answerFrom(200, '{}')"), "[\"unexpected_answer\",5]"),
        (Thrown("answerFrom(413, '<h1>')"), "[\"unexpected_answer\",0]"),
        (Thrown("""answerFrom(403, '{"success":false,"code":"key_not_allowed"}')"""), "[\"key_not_allowed\",0]"),
        ("""isRecord({ blobId: "x" })""", "false"),
        ("isRecord(null)", "false"),
        ("""isRecord({ bucket: "b", blobId: "01996168-e738-7552-9662-2041482b96c3", name: "n", lastModified: 1, size: 24 * MIB, ...planOf(24 * MIB) })""", "true"),
        ("""isRecord({ bucket: "b", blobId: "01996168-e738-7552-9662-2041482b96c3", name: "n", lastModified: 1, size: 0, ...planOf(0) })""", "true"),
        ("[0, 1, 5, 50].map(backoff)", "[1000,2000,30000,30000]"),
        ("""parseMetrics('# HELP a b\na{x="1,2}",y="q\\"\\n"} 1.5e3 17\nb NaN\nbroken{\nc +Inf').length""", "3"),
        ("""parseMetrics('a{x="1,2}",y="q\\"\\n"} 1.5e3 17')[0]""", """{"name":"a","labels":{"x":"1,2}","y":"q\"\n"},"value":1500}"""),
        ("""requestRate({ at: 0, requests: 10 }, { at: 5000, requests: 5 })""", "null"),
        ("""requestRate(null, { at: 5000, requests: 5 })""", "null"),
        ("""sumOf(parseMetrics("x 1"), "y")""", "null"),
        ("""differenceOf({ name: "a", size: 1, lastModified: 2 }, { name: "a", size: 1, lastModified: 2 })""", "null"),
    ];

    private static string Thrown(string expression) => $"(() => {{ try {{ return {expression}; }} catch (error) {{ return [error.code, triesOf(error)]; }} }})()";

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

    [Fact]
    public async Task Each_function_says_what_it_should()
    {
        await using var visitor = await stage.Visit();

        foreach (var (expression, expected) in Cases)
        {
            Assert.Equal($"{expression} is {expected}", $"{expression} is {await visitor.Page.EvaluateAsync<string>($"JSON.stringify({expression})")}");
        }
    }
}
