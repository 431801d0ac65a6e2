using System.Reflection;
using System.Text.RegularExpressions;

namespace Borderless.Tests.Properties;

public sealed partial class StoreErrorLaws
{
    /// <summary>The documented codes by the status of their answer. A code that was shipped never leaves this table.</summary>
    private static readonly Dictionary<ErrorKind, string> Documented = new()
    {
        [ErrorKind.Invalid] = "invalid_json unknown_action missing_blob_id invalid_blob_id invalid_bucket invalid_header invalid_chunk broken_stream "
            + "invalid_rule unknown_parameter invalid_parameter",
        [ErrorKind.Unauthorized] = "missing_api_key invalid_api_key missing_signature invalid_signature link_expired link_not_yet_valid link_revoked "
            + "invalid_receipt",
        [ErrorKind.Forbidden] = "client_not_allowed key_not_allowed",
        [ErrorKind.NotFound] = "no_such_blob no_such_bucket no_such_upload no_such_route",
        [ErrorKind.MethodNotAllowed] = "method_not_allowed",
        [ErrorKind.Timeout] = "request_timeout",
        [ErrorKind.PreconditionFailed] = "precondition_failed",
        [ErrorKind.TooLarge] = "payload_too_large",
        [ErrorKind.UnsupportedMediaType] = "unsupported_media_type",
        [ErrorKind.RangeNotSatisfiable] = "invalid_range",
        [ErrorKind.Unprocessable] = "digest_mismatch too_small",
        [ErrorKind.Conflict] = "duplicate_blob chunks_missing bucket_not_empty link_used",
        [ErrorKind.Broken] = "internal_error blob_damaged",
        [ErrorKind.Unavailable] = "shutting_down storage_unavailable not_ready no_signing_key",
        [ErrorKind.OutOfSpace] = "insufficient_storage",
    };

    private static readonly Type[] Cases = [.. typeof(StoreError).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(StoreError)))];

    public static TheoryData<StoreError> All => [.. Cases.Select(Made)];

    [GeneratedRegex(@"\A[a-z]+(_[a-z]+)*\z")]
    private static partial Regex SnakeCase();

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex WordBoundary();

    /// <summary>A case with some value for each of its fields.</summary>
    private static StoreError Made(Type type)
    {
        var constructor = type.GetConstructors().Single();
        return (StoreError)constructor.Invoke([.. constructor.GetParameters().Select(parameter => Some(parameter.ParameterType))]);
    }

    private static object Some(Type type) =>
        type == typeof(string) ? "something"
        : type == typeof(long) ? 7L
        : type == typeof(int) ? 7
        : type == typeof(UnixSeconds) ? new UnixSeconds(7)
        : type == typeof(Seq<int>) ? Seq(1, 2)
        : type == typeof(Seq<string>) ? Seq("disk_full", "shutting_down")
        : type == typeof(Option<int>) ? Optional(7)
        : throw new InvalidOperationException($"no value of {type} is known here: add one");

    [Fact]
    public void The_union_is_closed()
    {
        Assert.True(Cases.Length >= 25);
        Assert.True(typeof(StoreError).IsAbstract);
        // A record's own copy constructor is protected by the language; it makes no new case.
        Assert.All(
            typeof(StoreError).GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic),
            constructor => Assert.True(constructor.IsPrivate
                || constructor.GetParameters() is [var only] && only.ParameterType == typeof(StoreError)));
        Assert.All(Cases, type => Assert.True(type.IsSealed && type.IsNestedPublic && type.DeclaringType == typeof(StoreError), type.Name));
    }

    [Fact]
    public void Every_code_is_unique() => Assert.Distinct(Cases.Select(type => Made(type).Code));

    [Fact]
    public void Every_kind_of_answer_is_given_by_some_case() =>
        Assert.Equal(Enum.GetValues<ErrorKind>(), Cases.Select(type => Made(type).Kind).Distinct().Order());

    [Theory]
    [MemberData(nameof(All))]
    public void A_code_is_the_name_of_its_case_in_snake_case(StoreError error)
    {
        Assert.Matches(SnakeCase(), error.Code);
        Assert.Equal(WordBoundary().Replace(error.GetType().Name, "_").ToUpperInvariant(), error.Code.ToUpperInvariant());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_code_is_documented_with_its_status(StoreError error) => Assert.Contains(error.Code, Documented[error.Kind].Split(' '));

    [Theory]
    [MemberData(nameof(All))]
    public void A_message_is_one_line_for_people(StoreError error)
    {
        Assert.NotEmpty(error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void Equal_data_makes_equal_errors() => Assert.All(Cases, type => Assert.Equal(Made(type), Made(type)));
}
