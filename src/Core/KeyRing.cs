namespace Borderless.Core;

/// <summary>A signing key with its name and its end.</summary>
/// <param name="Id">What URLs carry as <c>kid</c>: 1 to <see cref="MaxIdLength"/> characters of <c>A-Z a-z 0-9 - . _</c>; empty for the default key, which is named by no URL.</param>
/// <param name="Key">The key.</param>
/// <param name="Until">The last second in which it signs and verifies.</param>
public sealed record NamedKey(string Id, SigningKey Key, UnixSeconds Until)
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxIdLength = 64;

    /// <summary>The end of a key that has none.</summary>
    public static readonly UnixSeconds NoEnd = new(long.MaxValue);

    /// <summary>The default key: it has no name and no end, and URLs without <c>kid</c> mean it.</summary>
    public static NamedKey Default(SigningKey key) => new("", key, NoEnd);

    /// <summary>Whether a text can be a key's name.</summary>
    public static bool IsId(string text) =>
        text.Length is > 0 and <= MaxIdLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}

/// <summary>The keys of a store: the first that has not ended signs, and every one that has not ended verifies what names it.</summary>
public sealed class KeyRing
{
    private readonly NamedKey[] keys;

    private KeyRing(NamedKey[] keys) => this.keys = keys;

    /// <summary>All keys, in the order in which they sign.</summary>
    public Seq<NamedKey> All => toSeq(keys);

    /// <summary>The keys in this order; names should differ, and of equal ones the first counts.</summary>
    public static KeyRing Of(params ReadOnlySpan<NamedKey> keys) => new(keys.ToArray());

    /// <summary>The one key of a store that has but a secret.</summary>
    public static KeyRing OfSecret(string secret) => Of(NamedKey.Default(SigningKey.FromSecret(secret)));

    /// <summary>The key that signs: the first that has not ended.</summary>
    /// <returns>The key, or <see cref="StoreError.NoSigningKey"/> when all have ended.</returns>
    public Either<StoreError, NamedKey> Signer(UnixSeconds now) =>
        System.Array.Find(keys, key => now <= key.Until) is { } signer ? signer : new StoreError.NoSigningKey();

    /// <summary>The key of a name, unless it has ended; null otherwise.</summary>
    /// <param name="id">The name; empty for the default key.</param>
    /// <param name="now">The current time.</param>
    public SigningKey? Find(string id, UnixSeconds now)
    {
        foreach (var key in keys)
        {
            if (key.Id == id)
            {
                return now <= key.Until ? key.Key : null;
            }
        }

        return null;
    }

    /// <summary>Never a key.</summary>
    public override string ToString() => $"KeyRing({keys.Length} keys)";
}
