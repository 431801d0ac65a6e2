using System.Globalization;
using System.Numerics;

namespace Borderless.Tests.Properties;

public sealed class UploadIntentLaws
{
    private static readonly string?[] Numbers =
        [
            null, "", "0", "1", "2", "3", "9999", "10000", "10001", "999999999", "4294967297", "9999999999999999999999",
            "-1", "+1", " 1", "1 ", "1.0", "1e1", "0x1", "٣", "a",
        ];

    private static readonly string?[] Types = [null, "full", "chunked", "", "Chunked", "FULL", "chunked ", "multi"];

    private static readonly string?[] Merges = [null, "true", "false", ""];

    private static Gen<UploadHeaders> AnyHeaders =>
        from type in Gen.Frequency((3, Gen.Constant((string?)"chunked")), (2, Gen.Elements(Types)))
        from index in Gen.Elements(Numbers)
        from total in Gen.Frequency((2, Gen.Elements(Numbers)), (1, Gen.Elements("1", "3", "10000").Select(text => (string?)text)))
        from merge in Gen.Elements(Merges)
        select new UploadHeaders(type, index, total, merge);

    /// <summary>The contract as one would tell it: what each header may be, one question after the other.</summary>
    private static string Expected(UploadHeaders headers)
    {
        static bool Whole(string? text, BigInteger max) =>
            BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max;

        var isChunked = headers.Type == "chunked";
        if (!isChunked && headers.Type is not (null or "full")) return "invalid_header";
        if (!isChunked) return headers is { Index: null, Total: null, Merge: null } ? "Single" : "invalid_chunk";
        if (!Whole(headers.Total, 10_000)) return "invalid_chunk";
        if (headers.Merge is not null) return "Merge";
        return Whole(headers.Index, BigInteger.Parse(headers.Total!, CultureInfo.InvariantCulture)) ? "Chunk" : "invalid_chunk";
    }

    private static string Actual(UploadHeaders headers) =>
        UploadIntent.Read(headers).Match(Right: intent => intent.GetType().Name, Left: error => error.Code);

    [Property(MaxTest = 1000)]
    public Property Every_combination_of_headers_gets_its_answer() => Prop.ForAll(
        AnyHeaders.ToArbitrary(), headers => (Actual(headers) == Expected(headers))
            .Label($"{Actual(headers)}, not {Expected(headers)}")
            .Collect(Expected(headers)));

    [Property]
    public Property A_chunk_survives_being_written_and_read(Arrival arrival, int seed)
    {
        var index = (int)((uint)seed % (uint)arrival.Total) + 1;
        return UploadIntent.Read(new("chunked", $"{index}", $"{arrival.Total}", null)).Is(new UploadIntent.Chunk(index, arrival.Total))
            .Classify(index == arrival.Total, "the last one");
    }

    [Property]
    public bool A_merge_survives_whatever_its_header_holds(Arrival arrival, Hostile value) =>
        UploadIntent.Read(new("chunked", null, $"{arrival.Total}", value.Text)).Is(new UploadIntent.Merge(arrival.Total));

    [Property]
    public bool An_index_beyond_the_total_is_refused(Arrival arrival, PositiveInt beyond) =>
        UploadIntent.Read(new("chunked", $"{(long)arrival.Total + beyond.Get}", $"{arrival.Total}", null)).Code() == "invalid_chunk";

    [Fact]
    public void Without_headers_the_body_is_the_blob()
    {
        Assert.Equal("Single", Actual(new(null, null, null, null)));
        Assert.Equal("Single", Actual(new("full", null, null, null)));
    }

    [Property(MaxTest = 300)]
    public bool Reading_never_throws(Hostile type, Hostile index, Hostile total) =>
        Seq(type.Text, "chunked").ForAll(kind => Actual(new(kind, index.Text, total.Text, null)).Length > 0);
}
