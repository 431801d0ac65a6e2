using System.Reflection;

namespace Borderless.Web.OpenApi;

/// <summary>An example of every error, found by reflection: a new one appears by itself.</summary>
internal static class ErrorExamples
{
    /// <summary>The texts and numbers that make the examples read well, by case and field; others have any value of their type.</summary>
    private static readonly Dictionary<(string Case, string Field), object> Known = new()
    {
        [("InvalidJson", "Detail")] = "the field action is missing",
        [("MissingBlobId", "Action")] = "download",
        [("InvalidBucket", "Detail")] = "a bucket's name is 1 to 63 of a-z 0-9 - _",
        [("InvalidHeader", "Header")] = "x-upload-type",
        [("InvalidHeader", "Rule")] = "must be full or chunked",
        [("InvalidChunk", "Detail")] = "the header x-chunk-index must be a whole number from 1 to 3",
        [("UnknownParameter", "Name")] = "page",
        [("InvalidParameter", "Name")] = "limit",
        [("InvalidParameter", "Rule")] = "must be a whole number of at least 1",
        [("InvalidRule", "Name")] = "max_size",
        [("InvalidRule", "Detail")] = "does not fit the action download",
        [("LinkExpired", "At")] = new UnixSeconds(1_758_276_788),
        [("LinkNotYetValid", "From")] = new UnixSeconds(1_758_276_788),
        [("InvalidReceipt", "Detail")] = "is signed by none of the keys",
        [("MethodNotAllowed", "Allow")] = "GET, HEAD",
        [("NotReady", "Reasons")] = Seq1("disk_full"),
        [("PayloadTooLarge", "Limit")] = 4_294_967_296L,
    };

    /// <summary>One of each case, by its type.</summary>
    public static IReadOnlyDictionary<Type, StoreError> All { get; } =
        typeof(StoreError).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(StoreError))).ToDictionary(type => type, Made);

    private static StoreError Made(Type type)
    {
        var constructor = type.GetConstructors().Single();
        return (StoreError)constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(type.Name, parameter))]);
    }

    private static object? Value(string name, ParameterInfo parameter) =>
        Known.TryGetValue((name, parameter.Name!), out var known) ? known
        : parameter.HasDefaultValue ? parameter.DefaultValue ?? Default(parameter.ParameterType)
        : parameter.ParameterType == typeof(string) ? "something"
        : parameter.ParameterType == typeof(Seq<int>) ? Seq1(2)
        : parameter.ParameterType == typeof(long) ? 13L
        : Default(parameter.ParameterType);

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
}
