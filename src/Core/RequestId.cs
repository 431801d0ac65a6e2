namespace Borderless.Core;

/// <summary>The id under which a request is found in the log.</summary>
public static class RequestId
{
    /// <summary>The longest id that is taken over, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The client's id if it is 1 to 128 visible ASCII characters (0x21-0x7E), else the one made here.</summary>
    public static string Choose(string? sent, Func<string> make) =>
        sent is { Length: > 0 and <= MaxLength } && sent.All(c => c is > ' ' and <= '~') ? sent : make();
}
