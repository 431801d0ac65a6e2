using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Borderless.Tests.Properties;

public sealed class SigningLaws
{
    /// <summary>The vectors were computed by another implementation.</summary>
    public static TheoryData<string, string, string, long, string> Vectors()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "presign-vectors.json")));
        var data = new TheoryData<string, string, string, long, string>();
        foreach (var one in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            data.Add(
                one.GetProperty("secret").GetString()!, one.GetProperty("method").GetString()!, one.GetProperty("path").GetString()!,
                one.GetProperty("expires").GetInt64(), one.GetProperty("sig").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_vector_of_another_implementation_is_met_and_verifies(string secret, string method, string path, long expires, string sig)
    {
        var key = SigningKey.FromSecret(secret);
        Assert.Equal(sig, Signing.Sign(key, new Claim(method, path, new(expires), Seq<SignedParameter>())));
        Assert.Equal("ok", Outcomes.Open(key, new(expires), method, $"{path}?expires={expires}&sig={sig}").Code());
    }

    /// <summary>Vectors with parameters; make-vectors.py, which shares no code with Core, computed them.</summary>
    public static TheoryData<ParameterVector> ParameterVectors()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "presign-parameter-vectors.json")));
        return [.. file.RootElement.GetProperty("cases").EnumerateArray().Select(one => new ParameterVector(
            one.GetProperty("secret").GetString()!, one.GetProperty("path").GetString()!, one.GetProperty("expires").GetInt64(),
            one.GetProperty("parameters").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!),
            one.GetProperty("sig").GetString()!, one.GetProperty("target").GetString()!))];
    }

    [Theory]
    [MemberData(nameof(ParameterVectors))]
    public void A_vector_with_parameters_is_signed_alike_and_read_back(ParameterVector vector)
    {
        var (key, expires) = (SigningKey.FromSecret(vector.Secret), new UnixSeconds(vector.Expires));
        var claim = new Claim("GET", vector.Path, expires, toSeq(vector.Parameters
            .OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new SignedParameter(one.Key, one.Value)).ToArray()));

        Assert.Equal(vector.Sig, Signing.Sign(key, claim));
        Assert.Equal(vector.Target, Presign.UrlOf(key, "", claim));
        var link = Link.Read("GET", vector.Target).RightOrThrow();
        Assert.Equal(claim, link.Claim);
        Assert.Equal(vector.Overrides.Code(), Outcomes.Verify(key, expires, link).Code());
        Assert.Equal("invalid_signature", Outcomes.Verify(SigningKey.FromSecret("another"), expires, link).Code());
    }

    [Theory]
    [MemberData(nameof(ParameterVectors))]
    public void A_vector_that_may_be_minted_is_minted_alike_and_grants_its_overrides(ParameterVector vector)
    {
        if (vector.Overrides.Case is not ContentHeaders overrides)
        {
            Assert.Contains(vector.Parameters.Values, value => value.Any(c => c is not (>= ' ' and <= '~')));
            return;
        }

        var key = SigningKey.FromSecret(vector.Secret);
        var path = BlobPath.Parse(vector.Path).RightOrThrow();
        var request = new PresignRequest(
            BlobAction.Download, BlobId.Parse(path.Second).RightOrThrow(), path.First == "files" ? None : path.Bucket().ToOption(), 1)
        { Overrides = overrides };

        var minted = Outcomes.Mint(key, new(vector.Expires - 1), request, default, 1);
        var target = minted.Url[Outcomes.Store.Value.Length..];

        Assert.Equal(overrides, Outcomes.Open(key, new(vector.Expires), "GET", target).RightOrThrow().Overrides);
        Assert.Equal(overrides, Outcomes.Open(key, new(vector.Expires), "GET", vector.Target).RightOrThrow().Overrides);
        if (vector.Parameters.Values.All(value => value.Length > 0))
        {
            Assert.Equal(vector.Target, target);
        }
    }

    /// <summary>A signed URL with parameters, and what its overrides come to.</summary>
    public sealed record ParameterVector(
        string Secret, string Path, long Expires, IReadOnlyDictionary<string, string> Parameters, string Sig, string Target)
    {
        public Either<StoreError, ContentHeaders> Overrides => ContentHeaders.ReadOverrides(Value("response_content_type"), Value("response_content_disposition"));

        private string? Value(string name) => Parameters.TryGetValue(name, out var value) ? value : null;
    }

    /// <summary>The contract again, from the framework's own parts.</summary>
    private static string Model(string secret, string method, string path, string expires, IEnumerable<SignedParameter> parameters)
    {
        var text = $"{method}|{path}|{expires}";
        var sorted = parameters.ToList();
        sorted.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        sorted.ForEach(one => text += $"|{one.Name}={Uri.EscapeDataString(one.Value)}");
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(secret));
        return Base64Url.EncodeToString(hmac.ComputeHash(Encoding.UTF8.GetBytes(text))) + "=";
    }

    [Property(MaxTest = 300)]
    public Property A_signature_is_that_of_a_naive_model(SignedUrl url, Parameters query) =>
        (Signing.Sign(url.Key, url.Claim with { Parameters = query.All })
            == Model(url.Secret, url.Method, url.Claim.Path, $"{url.Expires.Value}", query.All))
        .Classify(query.All.Count > 1, "several parameters")
        .Classify(query.All.Exists(one => one.Value.Any("|=&%+\"'".Contains)), "separators in values")
        .Classify(query.All.Exists(one => one.Value.Any(c => c > 0x7f)), "values beyond ASCII");

    [Property]
    public Property The_order_of_parameters_does_not_matter(SignedUrl url, Parameters query) =>
        (Signing.Sign(url.Key, url.Claim with { Parameters = query.All }) == Signing.Sign(url.Key, url.Claim with { Parameters = query.All.Rev() }))
        .Classify(query.All.Count > 1, "several parameters");

    [Property(MaxTest = 500)]
    public Property No_value_can_look_like_a_separator(SignedUrl url, Parameters one, Parameters other)
    {
        static string Shape(Parameters query) => string.Join(
            '\n', query.All.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}\t{p.Value}"));
        var same = Signing.StringToSign(url.Claim with { Parameters = one.All }) == Signing.StringToSign(url.Claim with { Parameters = other.All });
        return (same == (Shape(one) == Shape(other))).Classify(same, "the same").Classify(!same, "different");
    }

    [Property]
    public bool A_value_that_spells_out_another_parameter_is_not_that_parameter(SignedUrl url, Words first, Words second)
    {
        string Text(params SignedParameter[] all) => Signing.StringToSign(url.Claim with { Parameters = toSeq(all) });
        return Text(new("a", first.Text), new("b", second.Text)) != Text(new SignedParameter("a", $"{first.Text}|b={second.Text}"));
    }

    [Property]
    public Property A_signature_has_one_spelling(SignedUrl url)
    {
        var sig = url.Signature;
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var last = alphabet.IndexOf(sig[^2], StringComparison.Ordinal);
        var others = Seq(
            sig.Replace('-', '+').Replace('_', '/'), sig.TrimEnd('='), $"{sig}=", $"{sig[..42]}{alphabet[last + 1]}=",
            $"{sig[..42]}{alphabet[last + 3]}=", $" {sig}", $"{sig}\n", sig.ToUpperInvariant(), sig.ToLowerInvariant(), "", "=")
            .Filter(text => text != sig);
        return (Signing.IsSigned(url.Key, url.Claim, sig) && others.ForAll(text => !Signing.IsSigned(url.Key, url.Claim, text)))
            .Classify(sig.IndexOfAny(['-', '_']) >= 0, "differs between the two alphabets");
    }

    [Property]
    public bool A_key_never_shows_itself(Secret secret) =>
        !$"{SigningKey.FromSecret(secret.Text)}".Contains(secret.Text, StringComparison.Ordinal);

    [Property(MaxTest = 300)]
    public bool Percent_encoding_is_that_of_the_framework_and_decodes_back(Words text) =>
        Percent.Encode(text.Text) == Uri.EscapeDataString(text.Text) && Percent.Decode(Percent.Encode(text.Text)) == Some(text.Text);

    [Property]
    public bool Every_byte_may_be_escaped_in_either_case_of_digits(Words text)
    {
        var escaped = string.Concat(Encoding.UTF8.GetBytes(text.Text).Select(b => $"%{b:x2}"));
        return Percent.Decode(escaped) == Some(text.Text) && Percent.Decode(escaped.ToUpperInvariant()) == Some(text.Text);
    }

    [Property(MaxTest = 500)]
    public Property Whatever_decodes_is_text_and_encodes_again(Hostile text) =>
        Percent.Decode(text.Text).Match(
            Some: decoded => Percent.Decode(Percent.Encode(decoded)) == Some(decoded) && (text.Text.Contains('%') || decoded == text.Text),
            None: () => text.Text.Any(c => c is '%' or > '\u007f'))
        .Classify(Percent.Decode(text.Text).IsSome, "decodes");

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("a%zz")]
    [InlineData("%4g")]
    [InlineData("%+1")]
    [InlineData("%ff")]
    [InlineData("%c0%80")]
    [InlineData("%ed%a0%80")]
    [InlineData("%e2%82")]
    [InlineData("%f5%80%80%80")]
    [InlineData("ä")]
    [InlineData("%41ä")]
    public void A_broken_escape_or_broken_text_does_not_decode(string text) => Assert.True(Percent.Decode(text).IsNone);

    [Theory]
    [InlineData("%2541", "%41")]
    [InlineData("a+b", "a+b")]
    [InlineData("a+b%20c", "a+b c")]
    [InlineData("%2B+", "++")]
    [InlineData("a%20b", "a b")]
    [InlineData("%EF%BB%BFa", "\ufeffa")]
    public void Decoding_happens_once_and_a_plus_is_a_plus(string text, string decoded) =>
        Assert.Equal(Some(decoded), Percent.Decode(text));
}
