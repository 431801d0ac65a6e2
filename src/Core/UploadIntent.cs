using System.Globalization;

namespace Borderless.Core;

/// <summary>The raw headers that say what kind of upload a request is; null where a header is absent.</summary>
/// <param name="Type"><c>x-upload-type</c>.</param>
/// <param name="Index"><c>x-chunk-index</c>.</param>
/// <param name="Total"><c>x-chunk-total</c>.</param>
/// <param name="Merge"><c>x-chunk-merge</c>; only its presence counts.</param>
public sealed record UploadHeaders(string? Type, string? Index, string? Total, string? Merge);

/// <summary>What an upload request means. Closed: single, chunk or merge.</summary>
public abstract record UploadIntent
{
    /// <summary>The most chunks that an upload can have.</summary>
    public const int MaxChunks = 10_000;

    private UploadIntent()
    {
    }

    /// <summary>The body is the blob.</summary>
    public sealed record Single : UploadIntent;

    /// <summary>The body is one chunk.</summary>
    /// <param name="Index">Its place, from 1 to <paramref name="Total"/>.</param>
    /// <param name="Total">How many chunks the upload has, from 1 to <see cref="MaxChunks"/>.</param>
    public sealed record Chunk(int Index, int Total) : UploadIntent;

    /// <summary>No body: the chunks that arrived become the blob.</summary>
    /// <param name="Total">How many chunks the upload has, from 1 to <see cref="MaxChunks"/>.</param>
    public sealed record Merge(int Total) : UploadIntent;

    /// <summary>Reads the headers.</summary>
    /// <returns>
    /// The intent, or <see cref="StoreError.InvalidHeader"/> for an unknown type, or <see cref="StoreError.InvalidChunk"/> when a
    /// number is missing, malformed or out of bounds, or chunk headers come without the type <c>chunked</c>.
    /// </returns>
    public static Either<StoreError, UploadIntent> Read(UploadHeaders headers) => headers switch
    {
        { Type: null or "full", Index: null, Total: null, Merge: null } => new Single(),
        { Type: null or "full" } => new StoreError.InvalidChunk("chunk headers need 'x-upload-type: chunked'"),
        { Type: not "chunked" } => new StoreError.InvalidHeader("x-upload-type", "must be full or chunked"),
        { Merge: not null } => Number("x-chunk-total", headers.Total, MaxChunks).Map<UploadIntent>(total => new Merge(total)),
        _ => from total in Number("x-chunk-total", headers.Total, MaxChunks)
             from index in Number("x-chunk-index", headers.Index, total)
             select (UploadIntent)new Chunk(index, total),
    };

    /// <summary>Reads <c>x-chunk-total</c> where it stands alone; null means absent.</summary>
    /// <returns>The total, or None, or <see cref="StoreError.InvalidChunk"/>.</returns>
    public static Either<StoreError, Option<int>> ReadTotal(string? total) =>
        total is null ? Option<int>.None : Number("x-chunk-total", total, MaxChunks).Map(Some);

    private static Either<StoreError, int> Number(string header, string? text, int max) =>
        text is { Length: > 0 and <= 9 } && text.All(char.IsAsciiDigit)
        && int.Parse(text, CultureInfo.InvariantCulture) is var number && number >= 1 && number <= max
            ? number
            : new StoreError.InvalidChunk($"the header {header} must be a whole number from 1 to {max}");
}
