using System.Buffers;

namespace Borderless.Core;

/// <summary>The query of a URL, decoded once. Names are unique, so that nobody can be of another mind about which of two counts.</summary>
internal sealed class LinkQuery
{
    public const string Signature = "sig";
    public const string Expires = "expires";
    public const string KeyId = "kid";
    public const string Epoch = "epoch";

    /// <summary>The most parameters, several times what a URL can use: whoever sends more has none that the store signed, and does not make it sort them.</summary>
    public const int MaxParameters = 32;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private readonly Seq<SignedParameter> parameters;
    private readonly string text;

    private LinkQuery(string text, Seq<SignedParameter> parameters) => (this.text, this.parameters) = (text, parameters);

    /// <summary>What the URL's own signature covers beside its expiry.</summary>
    public Seq<SignedParameter> Signed => parameters.Filter(parameter => parameter.Name is not (Signature or Expires or Narrowing.Parameter));

    /// <summary>The levels that narrow it, in order.</summary>
    public Seq<string> Levels =>
        parameters.Find(parameter => parameter.Name == Narrowing.Parameter).Map(parameter => Narrowing.Split(parameter.Value)).IfNone(Empty);

    /// <summary>Reads a query.</summary>
    /// <returns>
    /// The query, or <see cref="StoreError.InvalidSignature"/> for one that is malformed: an empty or repeated name, one with other characters
    /// than <c>a-z 0-9 _</c> or more than <see cref="Link.MaxNameLength"/> of them, a value that does not decode; more than
    /// <see cref="MaxParameters"/> parameters; more levels than
    /// <see cref="Narrowing.MaxLevels"/>, or any in more than <see cref="Narrowing.MaxQueryLength"/> bytes.
    /// </returns>
    public static Either<StoreError, LinkQuery> Read(string text)
    {
        var (parameters, names) = (Seq<SignedParameter>(), new System.Collections.Generic.HashSet<string>());
        if (text.Length == 0)
        {
            return new LinkQuery(text, parameters);
        }

        foreach (var range in text.AsSpan().Split('&'))
        {
            if (names.Count == MaxParameters || ReadParameter(text[range]).Case is not SignedParameter parameter || !names.Add(parameter.Name)
                || (parameter.Name == Narrowing.Parameter && !IsWithinBounds(text, parameter.Value)))
            {
                return new StoreError.InvalidSignature();
            }

            parameters = parameters.Add(parameter);
        }

        return new LinkQuery(text, parameters);
    }

    /// <summary>The value of a parameter that every signed URL has.</summary>
    /// <returns>The value, decoded, or <see cref="StoreError.MissingSignature"/>.</returns>
    public Either<StoreError, string> Find(string name) =>
        parameters.Find(parameter => parameter.Name == name).Map(parameter => parameter.Value).ToEither<StoreError>(new StoreError.MissingSignature());

    /// <summary>The query as it was written, without these parameters.</summary>
    public string Without(params string[] names) =>
        string.Join('&', text.Split('&').Where(pair => !names.Contains(pair.Split('=', 2)[0])));

    private static bool IsWithinBounds(string text, string narrow) =>
        text.Length <= Narrowing.MaxQueryLength && Narrowing.Split(narrow).Count <= Narrowing.MaxLevels;

    private static Option<SignedParameter> ReadParameter(string text) =>
        text.Split('=', 2) is [var name, .. var rest] && name.Length is > 0 and <= Link.MaxNameLength && !name.AsSpan().ContainsAnyExcept(NameCharacters)
            ? Percent.Decode(rest is [var value] ? value : "").Map(decoded => new SignedParameter(name, decoded))
            : None;
}
