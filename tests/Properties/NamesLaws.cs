using System.Text.RegularExpressions;

namespace Borderless.Tests.Properties;

public sealed partial class NamesLaws
{
    [GeneratedRegex(@"\A[a-z0-9_-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Canonical();

    [Property(MaxTest = 500)]
    public Property Nothing_but_a_canonical_name_gets_through(Hostile text) =>
        BucketName.Parse(text.Text).Match(
            Right: name => Canonical().IsMatch(name.Value) && !BucketName.Reserved.Contains(name.Value),
            Left: error => error is StoreError.InvalidBucket)
        .Classify(BucketName.Parse(text.Text).IsRight, "accepted");

    [Property]
    public Property One_strange_character_spoils_a_name(BucketText bucket, Hostile strange, int at)
    {
        var c = strange.Text.FirstOrDefault(c => !char.IsAscii(c) || !Canonical().IsMatch(char.ToLowerInvariant(c).ToString()), ' ');
        return (BucketName.Parse(bucket.Text.WithOneChanged(at, c)).Code() == "invalid_bucket").Classify(c > 0x7f, "beyond ASCII");
    }

    [Property]
    public Property A_name_is_lowered_and_then_stays_as_it_is(BucketText bucket) =>
        (BucketName.Parse(bucket.Text).Map(name => name.Value) == bucket.Text.ToLowerInvariant()
            && BucketName.Parse(bucket.Name.Value).Is(bucket.Name))
        .Classify(bucket.Text != bucket.Name.Value, "has upper case")
        .Classify(bucket.Text.Length is 1 or BucketName.MaxLength, "of extreme length");

    [Theory]
    [InlineData("upload")]
    [InlineData("FILES")]
    [InlineData("Admin")]
    [InlineData("presign")]
    [InlineData("healthz")]
    [InlineData("readyz")]
    [InlineData("Metrics")]
    [InlineData("openapi")]
    [InlineData("console")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("\u212a")] // The Kelvin sign is lowered to an ASCII k.
    [InlineData("a\n")]
    public void A_reserved_word_or_malformed_name_is_refused(string text) =>
        Assert.Equal("invalid_bucket", BucketName.Parse(text).Code());

    [Fact]
    public void The_length_of_a_name_ends_at_63()
    {
        Assert.Equal("ok", BucketName.Parse(new string('a', 63)).Code());
        Assert.Equal("invalid_bucket", BucketName.Parse(new string('a', 64)).Code());
    }

    [Property]
    public bool A_blob_id_survives_being_written_and_read(Guid id) =>
        BlobId.Parse(id.ToString("D")).Is(BlobId.From(id))
        && BlobId.Parse(id.ToString("D").ToUpperInvariant()).Is(BlobId.From(id))
        && BlobId.From(id).ToString() == id.ToString("D");

    [Property]
    public bool Another_spelling_of_a_uuid_is_refused(Guid id)
    {
        var text = id.ToString("D");
        return Seq(id.ToString("N"), id.ToString("B"), id.ToString("P"), id.ToString("X"), $" {text}", $"{text} ", $"{text}\n",
                $"urn:uuid:{text}",
                text[..^1], $"{text}0", $"0x{text[2..]}", $"+{text[1..]}", $" {text[1..]}",
                $"{text[..9]}0x{text[11..]}", $"{text[..9]}+{text[10..]}")
            .ForAll(other => BlobId.Parse(other).Code() == "invalid_blob_id");
    }

    [Property(MaxTest = 500)]
    public Property A_blob_id_is_never_read_from_anything_else(Hostile text, Guid id, int at)
    {
        var damaged = id.ToString().WithOneChanged(at, text.Text.FirstOrDefault('g'));
        return Seq(text.Text, damaged).ForAll(candidate => BlobId.Parse(candidate).Match(
                Right: parsed => parsed.ToString().Equals(candidate, StringComparison.OrdinalIgnoreCase),
                Left: error => error is StoreError.InvalidBlobId))
            .Classify(BlobId.Parse(damaged).IsRight, "still an id");
    }

    [Property]
    public bool Times_are_ordered_like_their_numbers(Wide a, Wide b)
    {
        var (left, right) = (new UnixSeconds(a.Value), new UnixSeconds(b.Value));
        return left < right == a.Value < b.Value && left <= right == a.Value <= b.Value
            && left > right == a.Value > b.Value && left >= right == a.Value >= b.Value
            && left.CompareTo(right) == a.Value.CompareTo(b.Value);
    }

    /// <summary>A clock or a file's date may stand before 1970; a number from a setting may be very large.</summary>
    [Property(MaxTest = 300)]
    public Property Adding_seconds_is_exact_or_ends_at_the_last_second(Wide start, Wide seconds)
    {
        var added = seconds.Value == long.MinValue ? 0 : Math.Abs(seconds.Value);
        var exact = (Int128)start.Value + added;
        return (new UnixSeconds(start.Value).Plus(added).Value == (long)Int128.Min(exact, long.MaxValue))
            .Classify(start.Value < 0, "before 1970")
            .Classify(exact > long.MaxValue, "beyond the last second");
    }
}
