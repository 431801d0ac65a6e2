namespace Borderless.Core;

/// <summary>Suggests what somebody who mistyped a name most likely meant.</summary>
public static class Nearest
{
    /// <summary>
    /// The candidate with the smallest edit distance (Levenshtein), the first of equals, if less than half of the longer of the two
    /// differs: what is farther off was hardly meant.
    /// </summary>
    /// <param name="name">What was typed; only its first 64 characters count.</param>
    /// <param name="candidates">The known names.</param>
    /// <returns>The candidate, or None where there is none so near.</returns>
    public static Option<string> To(string name, Seq<string> candidates)
    {
        var typed = name.Length > 64 ? name[..64] : name;
        return Optional(candidates.MinBy(candidate => Distance(typed, candidate)))
            .Filter(nearest => 2 * Distance(typed, nearest) < Math.Max(typed.Length, nearest.Length));
    }

    /// <summary>How many insertions, deletions and replacements turn one text into the other.</summary>
    public static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
