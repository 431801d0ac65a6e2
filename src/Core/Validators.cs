namespace Borderless.Core;

/// <summary>What tells one state of a blob from another (RFC 9110 section 8.8).</summary>
/// <param name="Sha256">The digest of its bytes.</param>
/// <param name="LastModified">When it was created or replaced; <c>last-modified</c> (section 8.8.2).</param>
public sealed record Validators(Digest Sha256, UnixSeconds LastModified)
{
    /// <summary>The strong entity tag (section 8.8.3): the digest in hexadecimal digits, in quotes.</summary>
    public string ETag => $"\"{Sha256}\"";

    /// <summary>What an answer made at <paramref name="date"/> says: never later than itself (section 8.8.2.1), whatever clock set the time.</summary>
    public UnixSeconds LastModifiedAt(UnixSeconds date) => LastModified < date ? LastModified : date;
}
