namespace Borderless.Core;

/// <summary>The raw precondition headers of a request; null where a header is absent, several lines joined with commas.</summary>
/// <param name="IfMatch"><c>if-match</c> (RFC 9110 section 13.1.1).</param>
/// <param name="IfNoneMatch"><c>if-none-match</c> (section 13.1.2).</param>
/// <param name="IfModifiedSince"><c>if-modified-since</c> (section 13.1.3).</param>
/// <param name="IfUnmodifiedSince"><c>if-unmodified-since</c> (section 13.1.4).</param>
/// <param name="IfRange"><c>if-range</c> (section 13.1.5).</param>
public sealed record ConditionHeaders(
    string? IfMatch, string? IfNoneMatch, string? IfModifiedSince, string? IfUnmodifiedSince, string? IfRange)
{
    /// <summary>No conditions.</summary>
    public static readonly ConditionHeaders None = new(null, null, null, null, null);
}

/// <summary>How a read goes on.</summary>
public enum ReadAnswer
{
    /// <summary>The client has these bytes: 304.</summary>
    NotModified,

    /// <summary>The whole blob, whatever a <c>range</c> header says: the client's part is of other bytes.</summary>
    IgnoreRange,

    /// <summary>A <c>range</c> header counts.</summary>
    MayBePartial,
}

/// <summary>
/// Judges preconditions in the order of RFC 9110 section 13.2.2. A list of tags that cannot be read matches nothing for a read, and
/// refuses a write, which would else be done unguarded; a date that cannot be read is ignored.
/// </summary>
public static class Conditions
{
    /// <summary>Judges a GET or HEAD of a blob that exists.</summary>
    /// <returns>How to go on, or <see cref="StoreError.PreconditionFailed"/>.</returns>
    public static Either<StoreError, ReadAnswer> JudgeRead(ConditionHeaders headers, Validators current, UnixSeconds now) =>
        from expected in RequireExpected(headers, Some(current), now)
        select IsKnown(headers, current, now) ? ReadAnswer.NotModified
            : IsSame(headers.IfRange, current, now) ? ReadAnswer.MayBePartial
            : ReadAnswer.IgnoreRange;

    /// <summary>Judges a request that would change a blob; <c>if-modified-since</c> and <c>if-range</c> mean nothing to it.</summary>
    /// <param name="headers">The conditions.</param>
    /// <param name="current">The blob's state; None when there is no such blob.</param>
    /// <param name="now">The current time.</param>
    /// <returns>
    /// Nothing, or <see cref="StoreError.PreconditionFailed"/>, or <see cref="StoreError.InvalidHeader"/> where <c>if-match</c> or
    /// <c>if-none-match</c> is neither <c>*</c> nor a list of at least one tag.
    /// </returns>
    public static Either<StoreError, Unit> JudgeWrite(ConditionHeaders headers, Option<Validators> current, UnixSeconds now) =>
        from match in Readable("if-match", headers.IfMatch)
        from noneMatch in Readable("if-none-match", headers.IfNoneMatch)
        from expected in RequireExpected(headers, current, now)
        from absent in Require(!(headers.IfNoneMatch is { } list && current.Exists(state => HasWeakly(list, state))))
        select unit;

    private static Either<StoreError, Unit> Readable(string header, string? list) =>
        Pipeline.Require(
            list is null || IsStar(list) || EntityTag.ParseList(list).Exists(tags => !tags.IsEmpty),
            () => new StoreError.InvalidHeader(header, "must be * or entity tags in quotes, as the header etag of a download has them"));

    /// <summary>Steps 1 and 2. Without a blob there is no date to compare, so that <c>if-unmodified-since</c> is ignored.</summary>
    private static Either<StoreError, Unit> RequireExpected(ConditionHeaders headers, Option<Validators> current, UnixSeconds now) =>
        Require(headers.IfMatch is { } list
            ? current.Exists(state => HasStrongly(list, state))
            : !current.Exists(state => Date(headers.IfUnmodifiedSince, now).Exists(date => state.LastModified > date)));

    /// <summary>Steps 3 and 4: the client has this state already.</summary>
    private static bool IsKnown(ConditionHeaders headers, Validators current, UnixSeconds now) =>
        headers.IfNoneMatch is { } list
            ? HasWeakly(list, current)
            : Date(headers.IfModifiedSince, now).Exists(date => current.LastModified <= date);

    /// <summary>
    /// Step 5. A date counts only once its second is over (section 8.8.2.2): until then the blob may change again under it.
    /// </summary>
    private static bool IsSame(string? ifRange, Validators current, UnixSeconds now) =>
        ifRange is null
        || EntityTag.Parse(ifRange).Exists(tag => tag.IsStrongly(current.ETag))
        || Date(ifRange, now).Exists(date => date == current.LastModified && date < now);

    private static bool HasStrongly(string list, Validators current) => Has(list, tag => tag.IsStrongly(current.ETag));

    private static bool HasWeakly(string list, Validators current) => Has(list, tag => tag.IsWeakly(current.ETag));

    private static bool Has(string list, Func<EntityTag, bool> isCurrent) =>
        IsStar(list) || EntityTag.ParseList(list).Exists(tags => tags.Exists(isCurrent));

    private static bool IsStar(string list) => list.Trim(' ', '\t') == "*";

    private static Option<UnixSeconds> Date(string? text, UnixSeconds now) => Optional(text).Bind(value => HttpDate.Parse(value, now));

    private static Either<StoreError, Unit> Require(bool condition) =>
        Pipeline.Require(condition, () => new StoreError.PreconditionFailed());
}
