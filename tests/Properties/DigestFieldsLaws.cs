using System.Security.Cryptography;
using System.Text;

namespace Borderless.Tests.Properties;

public sealed class DigestFieldsLaws
{
    private const string OfHello = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";

    private static readonly Digest Hello = Digest.From(SHA256.HashData("{\"hello\": \"world\"}\n"u8));

    private static string Outcome(string? value) => DigestFields.Read("repr-digest", value).Match(
        Left: error => error is StoreError.InvalidHeader { Header: "repr-digest" } ? "invalid" : "?",
        Right: digest => digest.Match(Some: found => found.ToString(), None: () => "none"));

    /// <summary>Base64 by hand: six bits for each character, whole bytes only.</summary>
    private static string Model(string value)
    {
        if (StructuredFields.Dictionary(value) is not { } members) return "invalid";
        if (!members.TryGetValue("sha-256", out var item)) return "none";
        if (item is not [':', .. var base64, ':']) return "invalid";
        var bits = string.Concat(base64.TrimEnd('=').Select(c =>
            Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".IndexOf(c, StringComparison.Ordinal) & 63, 2)
                .PadLeft(6, '0')));
        var isWhole = !base64.TrimEnd('=').Contains('=', StringComparison.Ordinal) && base64.Length <= 44;
        return isWhole && bits.Length == 258
            ? string.Concat(bits[..256].Chunk(4).Select(four => "0123456789abcdef"[Convert.ToInt32(new string(four), 2)]))
            : "invalid";
    }

    [Property(MaxTest = 2000)]
    public Property A_field_is_read_as_the_steps_of_the_RFC_read_it(DigestText text) =>
        (Outcome(text.Value) == Model(text.Value))
        .Collect(Model(text.Value) is { Length: 64 } ? "a digest" : Model(text.Value));

    [Property]
    public bool What_was_written_is_read(DigestText text) =>
        Outcome(DigestFields.Write(text.Digest)) == text.Digest.ToString()
        && DigestFields.Write(text.Digest) == $"sha-256=:{Convert.ToBase64String(text.Digest.Bytes)}:";

    [Theory]
    [InlineData($"sha-256=:{OfHello}:")]
    [InlineData($"sha-256=:{OfHello}:,sha-512=:YQ==:")]
    [InlineData($"id-sha-256=:YQ==:, sha-256=:{OfHello}:;q=1.0;note=\"a, b\"")]
    [InlineData($"sha-256=:YQ==:, sha-256=:{OfHello}:")]
    [InlineData($"  a=(1 2.5 \"x\\\"\" t;p);q ,\tb;c, sha-256=:{OfHello}: ")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg:")]
    public void The_digest_of_the_RFC_is_read(string value)
    {
        Assert.Equal(Hello.ToString(), Outcome(value));
        Assert.Equal($"sha-256=:{OfHello}:", DigestFields.Write(Hello));
    }

    [Theory]
    [InlineData(null, "none")]
    [InlineData("", "none")]
    [InlineData("sha-512=:YQ==:", "none")]
    [InlineData("unixsum=30637", "none")]
    [InlineData("sha-256", "invalid")]
    [InlineData("sha-256=::", "invalid")]
    [InlineData("sha-256=:YQ==:", "invalid")]
    [InlineData($"sha-256={OfHello}", "invalid")]
    [InlineData($"sha-256=:{OfHello}=:", "invalid")]
    [InlineData($"sha-256=\"{OfHello}\"", "invalid")]
    [InlineData($"sha-256=(:{OfHello}:)", "invalid")]
    [InlineData($"SHA-256=:{OfHello}:", "invalid")]
    [InlineData($"sha-256=:{OfHello}:,", "invalid")]
    [InlineData($"sha-256=:{OfHello}:, sha-256=1", "invalid")]
    [InlineData($"sha-256 =:{OfHello}:", "invalid")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg =:", "invalid")]
    [InlineData("a=1234567890123456", "invalid")]
    [InlineData("a=(1,2)", "invalid")]
    [InlineData("a=\"ä\"", "invalid")]
    public void Fields_without_a_digest(string? value, string outcome) => Assert.Equal(outcome, Outcome(value));

    [Property(MaxTest = 300)]
    public bool No_text_throws(Hostile header, Hostile value) =>
        DigestFields.Read(header.Text, value.Text).Match(Right: _ => true, Left: error => error.Code == "invalid_header");

    /// <summary>A refusal costs no more than reading did: the pattern never goes back far.</summary>
    [Theory]
    [InlineData("a=(1     ", " ")]
    [InlineData("a", ";a")]
    [InlineData("a=1", " ,")]
    [InlineData("a=\"", "\\\"")]
    [InlineData("a", ",\ta=(x;y  z)")]
    public void A_long_field_is_judged_at_once(string start, string repeated)
    {
        var text = new StringBuilder(start).Insert(start.Length, repeated, 20_000).Append('\u00e4').ToString();
        Assert.Equal("invalid", Outcome(text));
    }

    [Property]
    public bool Digests_agree_exactly_when_all_are_equal(DigestText one, DigestText other, bool same)
    {
        var second = same ? Digest.From(one.Digest.Bytes) : other.Digest;
        return DigestFields.Check(Seq(one.Digest, second), one.Digest).Match(
            Right: _ => second.ToString() == one.Digest.ToString(),
            Left: error => error == new StoreError.DigestMismatch() && second.ToString() != one.Digest.ToString())
            && DigestFields.Check(Seq<Digest>(), one.Digest).IsRight;
    }
}
