using System.Globalization;

namespace Borderless.Core;

/// <summary>Where a page of a list ended: the next one begins after this blob.</summary>
/// <param name="CreatedAt">When the blob was created, in Unix milliseconds.</param>
/// <param name="Blob">Its id.</param>
/// <param name="Bucket">Its bucket.</param>
public sealed record ListCursor(long CreatedAt, BlobId Blob, string Bucket)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>The cursor, or None for any other text.</returns>
    public static Option<ListCursor> Parse(string text) =>
        text.Split('.') is [var time, var id, var bucket]
        && long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var createdAt)
            ? (from blob in BlobId.Parse(id).ToOption()
               from name in BucketName.Parse(bucket).ToOption()
               select new ListCursor(createdAt, blob, name.Value)).Filter(cursor => cursor.ToString() == text)
            : None;

    /// <summary>A text of digits, letters, dots, dashes and underscores, which needs no encoding in a URL.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt}.{Blob}.{Bucket}");
}

/// <summary>Ids that begin alike, ends included.</summary>
/// <param name="From">The lowest.</param>
/// <param name="To">The highest.</param>
public readonly record struct IdRange(BlobId From, BlobId To)
{
    /// <summary>The ids whose 36-character form begins with a text, in either case.</summary>
    /// <returns>The range, or None when no id begins so.</returns>
    public static Option<IdRange> OfPrefix(string prefix) =>
        prefix.Length is > 0 and <= 36
            ? (from first in BlobId.Parse(prefix + "00000000-0000-0000-0000-000000000000"[prefix.Length..]).ToOption()
               from last in BlobId.Parse(prefix + "ffffffff-ffff-ffff-ffff-ffffffffffff"[prefix.Length..]).ToOption()
               select new IdRange(first, last))
            : None;
}

/// <summary>Which page of a list is asked for.</summary>
/// <param name="Limit">How many at the most, from 1 to <see cref="MaxLimit"/>.</param>
/// <param name="Offset">How many are passed over first.</param>
/// <param name="After">Where the last page ended, if that is known.</param>
/// <param name="Ids">Which ids, if not all.</param>
public sealed record ListQuery(int Limit, long Offset, Option<ListCursor> After, Option<IdRange> Ids)
{
    /// <summary>The length of a page when none is asked for.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The longest page; longer wishes are cut to it.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The query parameters that a list knows.</summary>
    public static readonly Seq<string> Names = Seq("limit", "offset", "after", "blob_id");

    /// <summary>Reads the parameters.</summary>
    /// <param name="parameter">The value of a query parameter, or null when it is absent.</param>
    /// <returns>The query, or <see cref="StoreError.InvalidParameter"/>.</returns>
    public static Either<StoreError, ListQuery> Read(Func<string, string?> parameter) =>
        from limit in Number("limit", parameter("limit"), DefaultLimit, 1)
        from offset in Number("offset", parameter("offset"), 0, 0)
        from after in Parsed("after", parameter("after"), ListCursor.Parse, "must be the next of a page that was given out")
        from ids in Parsed("blob_id", parameter("blob_id"), IdRange.OfPrefix, "must be the beginning of a UUID")
        select new ListQuery((int)Math.Min(limit, MaxLimit), offset, after, ids);

    private static Either<StoreError, long> Number(string name, string? text, long otherwise, long min) =>
        text is null
            ? otherwise
            : text.Length is > 0 and <= 12 && text.All(char.IsAsciiDigit) && long.Parse(text, CultureInfo.InvariantCulture) is var number && number >= min
                ? number
                : new StoreError.InvalidParameter(name, $"must be a whole number of at least {min}");

    private static Either<StoreError, Option<T>> Parsed<T>(string name, string? text, Func<string, Option<T>> parse, string rule) =>
        text is null
            ? Option<T>.None
            : parse(text).Map(Some).ToEither<StoreError>(new StoreError.InvalidParameter(name, rule));
}
