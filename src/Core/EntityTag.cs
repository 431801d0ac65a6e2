namespace Borderless.Core;

/// <summary>An entity tag as a client sends it (RFC 9110 section 8.8.3).</summary>
/// <param name="IsWeak">Whether it began with <c>W/</c>.</param>
/// <param name="Opaque">The rest, with its quotes.</param>
internal readonly record struct EntityTag(bool IsWeak, string Opaque)
{
    /// <summary>Both are strong and equal (section 8.8.3.2); ours always is strong.</summary>
    public bool IsStrongly(string etag) => !IsWeak && IsWeakly(etag);

    /// <summary>Equal, weak or not (section 8.8.3.2).</summary>
    public bool IsWeakly(string etag) => Opaque == etag;

    /// <summary>Reads one tag and nothing else.</summary>
    public static Option<EntityTag> Parse(string text) =>
        ReadAt(text, 0).Filter(read => read.End == text.Length).Map(read => read.Tag);

    /// <summary>Reads a list of tags; empty elements are skipped (section 5.6.1.2).</summary>
    /// <returns>The tags, or None where the text is no such list.</returns>
    public static Option<Seq<EntityTag>> ParseList(string text)
    {
        var tags = new List<EntityTag>();
        for (var at = Skip(text, 0, " \t,"); at < text.Length; at = Skip(text, at, " \t,"))
        {
            if (ReadAt(text, at).Case is not (EntityTag tag, int end))
            {
                return None;
            }

            tags.Add(tag);
            at = Skip(text, end, " \t");
            if (at < text.Length && text[at] != ',')
            {
                return None;
            }
        }

        return toSeq(tags.ToArray());
    }

    private static Option<(EntityTag Tag, int End)> ReadAt(string text, int at)
    {
        var isWeak = string.CompareOrdinal(text, at, "W/", 0, 2) == 0;
        var open = isWeak ? at + 2 : at;
        var close = open;
        do
        {
            close++;
        }
        while (close < text.Length && IsTagCharacter(text[close]));

        return close < text.Length && text[open] == '"' && text[close] == '"'
            ? (new EntityTag(isWeak, text[open..(close + 1)]), close + 1)
            : None;
    }

    private static int Skip(string text, int at, string what)
    {
        while (at < text.Length && what.Contains(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsTagCharacter(char c) => c is '!' or (>= '#' and <= '~') or (>= '\u0080' and <= '\u00ff');
}
