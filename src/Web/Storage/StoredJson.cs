using System.Text.Json.Serialization;

namespace Borderless.Web.Storage;

/// <summary>What store.json holds.</summary>
internal sealed record IdentityFile(int Format, string Store);

/// <summary>What scrub.json holds: the number of the last part that was checked.</summary>
internal sealed record ScrubPosition([property: JsonPropertyName("after")] long After);

/// <summary>The JSON files of a store.</summary>
[JsonSerializable(typeof(IdentityFile))]
[JsonSerializable(typeof(ScrubPosition))]
internal sealed partial class StoredJson : JsonSerializerContext;
