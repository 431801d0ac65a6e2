using System.Net;

namespace Borderless.Core;

/// <summary>
/// All rules of a URL, its own and those of every level that narrowed it. They hold together: every one must pass, none replaces
/// another, so that more rules never permit more.
/// </summary>
public sealed class LinkRules : IEquatable<LinkRules>
{
    /// <summary>No rule at all.</summary>
    public static readonly LinkRules None = new([]);

    private readonly Rule[] rules;

    private readonly UnixSeconds last;

    /// <summary>What every request asks for is looked up once, and for a URL without rules never.</summary>
    private LinkRules(Rule[] rules)
    {
        this.rules = rules;
        MaxSize = rules.OfType<Rule.MaxSize>().Select(rule => rule.Bytes).DefaultIfEmpty(long.MaxValue).Min();
        Nonce = rules.OfType<Rule.Once>().FirstOrDefault()?.Nonce;
        last = rules.OfType<Rule.Expires>().Select(rule => rule.At).DefaultIfEmpty(NamedKey.NoEnd).Min();
    }

    /// <summary>The rules, the URL's own first.</summary>
    public Seq<Rule> All => toSeq(rules);

    /// <summary>The largest size that every rule permits, in bytes; <see cref="long.MaxValue"/> where none limits it.</summary>
    public long MaxSize { get; }

    /// <summary>The digests that the blob must have; two that differ, and none has both.</summary>
    public Seq<Digest> Digests => rules.Length == 0 ? Empty : toSeq(rules.OfType<Rule.Sha256>().Select(rule => rule.Digest).ToArray());

    /// <summary>The last second that every rule permits, an earlier one than this or this.</summary>
    public UnixSeconds Before(UnixSeconds expires) => last < expires ? last : expires;

    /// <summary>What makes the URL one that stores once; null where it is none.</summary>
    public string? Nonce { get; }

    /// <summary>These rules together.</summary>
    public static LinkRules Of(Seq<Rule> rules) => rules.IsEmpty ? None : new(rules.ToArray());

    /// <summary>Whether the URL may be used now, from there.</summary>
    /// <returns>
    /// Nothing, or <see cref="StoreError.LinkExpired"/>, <see cref="StoreError.LinkNotYetValid"/>, <see cref="StoreError.ClientNotAllowed"/>.
    /// </returns>
    /// <param name="now">The current time.</param>
    /// <param name="client">The address of the client; null where it is not known, and then no rule on addresses passes.</param>
    public Either<StoreError, Unit> JudgeUse(UnixSeconds now, IPAddress? client) =>
        Judge(
            rule => rule is Rule.Expires { At: var at } && now > at ? new StoreError.LinkExpired(at) : null,
            rule => rule is Rule.NotBefore { From: var from } && now < from ? new StoreError.LinkNotYetValid(from) : null,
            rule => rule is Rule.ClientIp { Range: var range } && !range.Contains(client) ? new StoreError.ClientNotAllowed() : null);

    /// <summary>Whether an upload may begin, by what it says of itself.</summary>
    /// <param name="intent">What it is.</param>
    /// <param name="announced">The length of its body in bytes, if that was announced.</param>
    /// <param name="contentType">The content type that the blob would have; null where none was sent.</param>
    /// <returns>
    /// Nothing, or <see cref="StoreError.InvalidChunk"/>, <see cref="StoreError.PayloadTooLarge"/>, <see cref="StoreError.TooSmall"/>,
    /// <see cref="StoreError.UnsupportedMediaType"/>. Of a chunk, only its index and its length are judged.
    /// </returns>
    public Either<StoreError, Unit> JudgeUpload(UploadIntent intent, long? announced, string? contentType) =>
        rules.Length == 0 ? unit
        : from chunk in Judge(rule => rule is Rule.Chunks range && !Covers(range, intent) ? new StoreError.InvalidChunk(OnlyChunks(range)) : null)
          from fits in intent is UploadIntent.Merge || announced is not { } size ? unit
              : intent is UploadIntent.Chunk ? JudgeLargest(size)
              : JudgeSize(size)
          from type in intent is UploadIntent.Chunk ? unit : JudgeType(contentType)
          select unit;

    /// <summary>Judges the sum of all chunks of the blob that wait, this one among them.</summary>
    /// <returns>Nothing, or <see cref="StoreError.PayloadTooLarge"/>.</returns>
    public Either<StoreError, Unit> JudgeWaiting(long bytes) => JudgeLargest(bytes);

    /// <summary>Judges the whole blob, whether it came as one body or in chunks.</summary>
    /// <returns>
    /// Nothing, or <see cref="StoreError.PayloadTooLarge"/>, <see cref="StoreError.TooSmall"/>, <see cref="StoreError.DigestMismatch"/>,
    /// <see cref="StoreError.UnsupportedMediaType"/>.
    /// </returns>
    public Either<StoreError, Unit> JudgeBlob(long size, Digest sha256, string? contentType) =>
        rules.Length == 0 ? unit
        : from fits in JudgeSize(size)
          from bytes in Judge(rule => rule is Rule.Sha256 { Digest: var digest } && !digest.Equals(sha256) ? new StoreError.DigestMismatch() : null)
          from type in JudgeType(contentType)
          select unit;

    /// <inheritdoc/>
    public bool Equals(LinkRules? other) => other is not null && rules.AsSpan().SequenceEqual(other.rules);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LinkRules);

    /// <inheritdoc/>
    public override int GetHashCode() => rules.Aggregate(0, HashCode.Combine);

    /// <summary>Judges the size of the whole blob, where that is known before its bytes are read.</summary>
    /// <returns>Nothing, or <see cref="StoreError.PayloadTooLarge"/>, <see cref="StoreError.TooSmall"/>.</returns>
    public Either<StoreError, Unit> JudgeSize(long size) =>
        from largest in JudgeLargest(size)
        from least in Judge(rule => rule is Rule.MinSize { Bytes: var least } && size < least ? new StoreError.TooSmall(least) : null)
        select unit;

    private Either<StoreError, Unit> JudgeLargest(long size) =>
        Judge(rule => rule is Rule.MaxSize { Bytes: var most } && size > most ? new StoreError.PayloadTooLarge(most) : null);

    private Either<StoreError, Unit> JudgeType(string? contentType) =>
        Judge(rule => rule is Rule.ContentType { Types: var types } && !types.Contains(contentType) ? new StoreError.UnsupportedMediaType(types.Text) : null);

    private static bool Covers(Rule.Chunks range, UploadIntent intent) =>
        intent is UploadIntent.Chunk chunk && chunk.Index >= range.First && chunk.Index <= range.Last;

    private static string OnlyChunks(Rule.Chunks range) => $"the URL takes the chunks {range.Value} only, and neither a whole blob nor a merge";

    /// <summary>One kind of rule after the other, so that of several refusals the same one is always told.</summary>
    private Either<StoreError, Unit> Judge(params ReadOnlySpan<Func<Rule, StoreError?>> kinds)
    {
        foreach (var refuse in kinds)
        {
            foreach (var rule in rules)
            {
                if (refuse(rule) is { } error)
                {
                    return error;
                }
            }
        }

        return unit;
    }
}
