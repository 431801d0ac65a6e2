namespace Borderless.Core;

/// <summary>One of the reasons why a URL is refused.</summary>
/// <param name="Error">What a store answers where this is the first of them.</param>
/// <param name="Hint">What most likely went wrong, where that can be told. Neither a signature nor a secret is ever in it.</param>
public sealed record Refusal(StoreError Error, Option<string> Hint);

/// <summary>What a URL says that it is for, whether its signature fits or not. Its signature is no part of it.</summary>
/// <param name="Action">What it permits.</param>
/// <param name="Bucket">Where.</param>
/// <param name="Blob">On which blob.</param>
/// <param name="Expires">The last second in which its own signature is valid; levels may hold an earlier one.</param>
/// <param name="KeyId">Which key it names; empty where it means the default key.</param>
/// <param name="Epoch">The epoch of its bucket when it was minted; None where it names none, or nothing that is a number.</param>
/// <param name="Rules">Its own rules, as far as they can be read.</param>
/// <param name="Levels">The rules of each level that narrows it, as far as they can be read.</param>
public sealed record LinkFacts(
    BlobAction Action, BucketName Bucket, BlobId Blob, UnixSeconds Expires, string KeyId, Option<long> Epoch, Seq<Rule> Rules, Seq<Seq<Rule>> Levels);

/// <summary>Why a URL is refused, or that it is not.</summary>
/// <param name="Method">The HTTP method that was judged: the one that was asked about, else one that the URL was signed for, else the likeliest that its path takes.</param>
/// <param name="SignedFor">The methods for which the signature fits.</param>
/// <param name="Says">What the URL is for; None where it cannot be read.</param>
/// <param name="Refusals">Everything that refuses it, in the order in which a store judges; empty where it would be accepted.</param>
public sealed record Explanation(string Method, Seq<string> SignedFor, Option<LinkFacts> Says, Seq<Refusal> Refusals);
