using System.Text;
using System.Text.Json;

namespace Borderless.Tests.Properties;

public sealed class PresignRequestLaws
{
    private const string Id = "01996168-e738-7552-9662-2041482b96c3";

    private static Either<StoreError, PresignRequest> Parse(string json) => PresignRequest.Parse(Encoding.UTF8.GetBytes(json));

    private static Seq<string> Fields(PresignRequest request) =>
        Seq1($"\"action\":\"{PresignRequest.NameOf(request.Action)}\"")
            .Concat(request.Blob.Map(blob => $"\"blob_id\":\"{blob}\"").ToSeq())
            .Concat(request.Bucket.Map(bucket => $"\"bucket\":\"{bucket}\"").ToSeq())
            .Concat(request.ExpiresIn.Map(seconds => $"\"expires_in\":{seconds}").ToSeq());

    private static bool Refuses(string json, string naming) => Parse(json) is var outcome && outcome.Code() == "invalid_json"
        && outcome.Message().Contains(naming, StringComparison.Ordinal);

    [Property(MaxTest = 1000)]
    public Property No_bytes_make_it_throw(JsonBytes json) =>
        (PresignRequest.Parse(json.Bytes).Code() is "ok" or "invalid_json" or "unknown_action"
            or "missing_blob_id" or "invalid_blob_id" or "invalid_bucket")
        .Classify(PresignRequest.Parse(json.Bytes).IsRight, "a request");

    [Property]
    public bool A_request_survives_being_written_and_read_in_any_order_of_fields(PresignRequest request)
    {
        var fields = Fields(request);
        return Parse($"{{{string.Join(',', fields)}}}").Is(request) && Parse($" {{ {string.Join(" ,\n", fields.Rev())} }} ").Is(request);
    }

    [Property]
    public bool Null_means_absent(PresignRequest request)
    {
        var absent = Seq("blob_id", "bucket", "expires_in").Filter(name =>
            !Fields(request).Exists(field => field.StartsWith($"\"{name}", StringComparison.Ordinal)));
        return Parse($"{{{string.Join(',', Fields(request).Concat(absent.Map(name => $"\"{name}\":null")))}}}").Is(request);
    }

    [Property]
    public Property A_bucket_in_upper_case_is_lowered(BucketText bucket) =>
        Parse($$"""{"action":"upload","bucket":"{{bucket.Text}}"}""").Is(new PresignRequest(BlobAction.Upload, None, bucket.Name, None))
            .Classify(bucket.Text != bucket.Name.Value, "has upper case");

    [Property]
    public Property An_unknown_field_names_the_nearest_known_one(int which, int at)
    {
        var known = Seq("action", "blob_id", "bucket", "expires_in")[(int)((uint)which % 4)];
        var typo = known.Remove((int)((uint)at % (uint)known.Length), 1);
        return (Refuses($$"""{"action":"upload","{{typo}}":1}""", $"the field {typo} ")
                && Refuses($$"""{"{{typo}}":1}""", $"nearest known field is {known}"))
            .Label(typo);
    }

    [Theory]
    [InlineData("action", "1")]
    [InlineData("action", "null")]
    [InlineData("action", "[\"upload\"]")]
    [InlineData("blob_id", "1")]
    [InlineData("blob_id", "true")]
    [InlineData("blob_id", "{}")]
    [InlineData("bucket", "[]")]
    [InlineData("bucket", "false")]
    [InlineData("expires_in", "\"900\"")]
    [InlineData("expires_in", "true")]
    [InlineData("expires_in", "[1]")]
    [InlineData("expires_in", "0")]
    [InlineData("expires_in", "-0")]
    [InlineData("expires_in", "-1")]
    [InlineData("expires_in", "1.0")]
    [InlineData("expires_in", "1.5")]
    [InlineData("expires_in", "1e3")]
    [InlineData("expires_in", "1E3")]
    [InlineData("expires_in", "-99999999999999999999")]
    [InlineData("action", "\"\\ud800\"")]
    [InlineData("blob_id", "\"\\udfff\"")]
    [InlineData("bucket", "\"a\\ud800b\"")]
    public void A_value_of_the_wrong_kind_is_refused_and_its_field_named(string field, string value)
    {
        var others = field == "action" ? "" : "\"action\":\"upload\",";
        Assert.True(Refuses($"{{{others}\"{field}\":{value}}}", field));
    }

    [Property]
    public bool A_repeated_field_is_refused_in_any_spelling(PresignRequest request, int which)
    {
        var fields = Fields(request);
        var again = fields[(int)((uint)which % (uint)fields.Count)];
        return Seq(again, $"\"\\u{(int)again[1]:x4}{again[2..]}").ForAll(repeated =>
            Parse($"{{{string.Join(',', fields.Add(repeated))}}}").Code() == "invalid_json");
    }

    [Property]
    public Property A_huge_expiry_is_cut_and_not_refused(PositiveInt digits)
    {
        var request = Parse($$"""{"action":"upload","expires_in":{{new string('9', digits.Get)}}}""").RightOrThrow();
        return (Outcomes.Mint(SigningKey.FromSecret("k"), new(0), request, default, 7).ExpiresIn == 7).Classify(digits.Get > 18, "beyond 64 bits");
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551616")]
    [InlineData("1000000000000000000")]
    public void The_edges_of_64_bits_are_cut_too(string seconds)
    {
        var request = Parse($$"""{"action":"upload","expires_in":{{seconds}}}""").RightOrThrow();
        Assert.Equal(86_400, Outcomes.Mint(SigningKey.FromSecret("k"), new(1), request, default, 86_400).ExpiresIn);
    }

    [Theory]
    [InlineData("upload", "ok")]
    [InlineData("update", "missing_blob_id")]
    [InlineData("download", "missing_blob_id")]
    [InlineData("delete", "missing_blob_id")]
    [InlineData("Upload", "unknown_action")]
    [InlineData("", "unknown_action")]
    [InlineData("put", "unknown_action")]
    public void Only_an_upload_may_leave_the_blob_open(string action, string code) =>
        Assert.Equal(code, Parse($$"""{"action":"{{action}}"}""").Code());

    [Theory]
    [InlineData("""{"action":"upload","blob_id":"01996168e73875529662204148 2b96c3"}""", "invalid_blob_id")]
    [InlineData("""{"action":"upload","blob_id":""}""", "invalid_blob_id")]
    [InlineData("""{"action":"upload","bucket":"files"}""", "invalid_bucket")]
    [InlineData("""{"action":"upload","bucket":""}""", "invalid_bucket")]
    [InlineData("""{"action":"upload"} x""", "invalid_json")]
    [InlineData("""{"action":"upload",}""", "invalid_json")]
    [InlineData("""{"action":"upload"/**/}""", "invalid_json")]
    [InlineData("""{"action":"upload","expires_in":01}""", "invalid_json")]
    [InlineData("""{"action":"upload","Bucket":"b"}""", "invalid_json")]
    [InlineData("\"upload\"", "invalid_json")]
    [InlineData("{}", "invalid_json")]
    [InlineData("", "invalid_json")]
    public void What_is_wrong_gets_its_own_code(string json, string code) => Assert.Equal(code, Parse(json).Code());

    /// <summary>A lone surrogate is JSON by its grammar and no text; bytes that are not UTF-8 are neither.</summary>
    [Theory]
    [InlineData("7b225c7564383030223a317d")] // {"\ud800":1}
    [InlineData("7b22ff223a317d")] // a name of the byte ff
    [InlineData("7b22616374696f6e223a22ff227d")] // an action of the byte ff
    [InlineData("7b225c7564383030223a312c225c7564383030223a327d")] // {"\ud800":1,"\ud800":2}
    public void A_name_or_value_that_is_no_text_is_refused(string hex) =>
        Assert.Equal("invalid_json", PresignRequest.Parse(Convert.FromHexString(hex)).Code());

    [Fact]
    public void A_message_holds_only_the_beginning_of_a_long_name_and_no_control_character()
    {
        var message = Parse(JsonSerializer.Serialize(new Dictionary<string, int> { [$"a\r\n{new string('x', 5000)}"] = 1 })).Message();
        Assert.InRange(message.Length, 1, 300);
        Assert.DoesNotContain(message, char.IsControl);
    }
}
