namespace Borderless.Tests.Properties;

public sealed class ConditionsLaws
{
    /// <summary>The numbered steps of RFC 9110 section 13.2.2, on what the headers mean, not on their text.</summary>
    private static string Steps(Conditional c, Option<Validators> current, bool isRead)
    {
        // Before them, for writes: a list that says nothing guards nothing.
        if (!isRead && Seq(c.Match, c.NoneMatch).Exists(sent => sent.Exists(list => !list.IsStar && list.Tags.IsEmpty))) return "400";

        // 1. if-match: strong comparison, * for anything that exists.
        if (c.Match.Case is TagList match)
        {
            if (current.IsNone) return "412";
            if (!match.IsStar && !match.Tags.Exists(tag => !tag.IsWeak && tag.Opaque == c.Current.ETag)) return "412";
        }

        // 2. if-unmodified-since, only without if-match.
        if (c.Match.IsNone && current.IsSome && c.UnmodifiedSince.Bind(field => field.Value).Case is long unmodified)
        {
            if (!(c.Current.LastModified.Value <= unmodified)) return "412";
        }

        // 3. if-none-match: weak comparison.
        if (c.NoneMatch.Case is TagList none && current.IsSome)
        {
            if (none.IsStar || none.Tags.Exists(tag => tag.Opaque == c.Current.ETag)) return isRead ? "304" : "412";
        }

        // 4. if-modified-since, only for reads without if-none-match.
        if (isRead && c.NoneMatch.IsNone && c.ModifiedSince.Bind(field => field.Value).Case is long modified)
        {
            if (c.Current.LastModified.Value <= modified) return "304";
        }

        // 5. if-range: one strong tag, or the very date, which is strong once its second is over.
        if (!isRead) return "proceed";
        if (c.Range.Case is not RangeCondition range) return "206";
        if (range.Tag.Exists(tag => !tag.IsWeak && tag.Opaque == c.Current.ETag)) return "206";
        return range.Date.Exists(date => date == c.Current.LastModified.Value && date < c.Now.Value) ? "206" : "200";
    }

    private static string Read(Conditional c) => Conditions.JudgeRead(c.Headers, c.Current, c.Now).Match(
        Left: error => error == new StoreError.PreconditionFailed() ? "412" : "?",
        Right: answer => answer switch
        {
            ReadAnswer.NotModified => "304",
            ReadAnswer.IgnoreRange => "200",
            ReadAnswer.MayBePartial => "206",
            _ => "?",
        });

    private static string Write(Conditional c, Option<Validators> current) => Conditions.JudgeWrite(c.Headers, current, c.Now).Match(
        Left: error => error switch { StoreError.PreconditionFailed => "412", StoreError.InvalidHeader => "400", _ => "?" },
        Right: _ => "proceed");

    [Property(MaxTest = 3000)]
    public Property A_read_is_judged_in_the_steps_of_the_RFC(Conditional c) =>
        (Read(c) == Steps(c, c.Current, isRead: true)).Collect($"{Read(c)}");

    [Property(MaxTest = 2000)]
    public Property A_write_is_judged_in_the_steps_of_the_RFC(Conditional c, bool exists)
    {
        var current = exists ? Some(c.Current) : None;
        return (Write(c, current) == Steps(c, current, isRead: false)).Collect($"{exists} {Write(c, current)}");
    }

    [Property]
    public bool Without_conditions_everything_goes_on(Conditional c) =>
        Conditions.JudgeRead(ConditionHeaders.None, c.Current, c.Now).Is(ReadAnswer.MayBePartial)
        && Conditions.JudgeWrite(ConditionHeaders.None, c.Current, c.Now).IsRight
        && Conditions.JudgeWrite(ConditionHeaders.None, None, c.Now).IsRight;

    [Property]
    public bool If_none_match_star_creates_and_if_match_star_replaces(Conditional c)
    {
        var (create, replace) = (ConditionHeaders.None with { IfNoneMatch = "*" }, ConditionHeaders.None with { IfMatch = "*" });
        return Conditions.JudgeWrite(create, None, c.Now).IsRight && Conditions.JudgeWrite(create, c.Current, c.Now).IsLeft
            && Conditions.JudgeWrite(replace, None, c.Now).IsLeft && Conditions.JudgeWrite(replace, c.Current, c.Now).IsRight;
    }

    /// <summary>A client that gives back what it was given has the blob, and only while it stays the same.</summary>
    [Property]
    public bool The_tag_that_was_given_names_these_bytes_and_no_others(Conditional c, byte flip, byte at)
    {
        var bytes = c.Current.Sha256.Bytes.ToArray();
        bytes[at % bytes.Length] ^= (byte)Math.Max((byte)1, flip);
        var (headers, other) = (ConditionHeaders.None with { IfNoneMatch = c.Current.ETag }, c.Current with { Sha256 = Digest.From(bytes) });
        return Conditions.JudgeRead(headers, c.Current, c.Now).Is(ReadAnswer.NotModified)
            && Conditions.JudgeRead(headers, other, c.Now).Is(ReadAnswer.MayBePartial)
            && c.Current.ETag == $"\"{Convert.ToHexStringLower(c.Current.Sha256.Bytes)}\"";
    }

    /// <summary>Else a hash without its quotes would let a write through that was meant to be guarded, or hold up one that was not.</summary>
    [Theory]
    [InlineData("HEX")]
    [InlineData("'HEX'")]
    [InlineData("\"HEX")]
    [InlineData("w/\"HEX\"")]
    [InlineData("\"HEX\" \"HEX\"")]
    [InlineData("\"HEX\", *")]
    [InlineData("**")]
    [InlineData("")]
    [InlineData(" , ")]
    public void A_condition_that_cannot_be_read_refuses_every_write(string text)
    {
        var current = new Validators(Digest.OfNothing, new(1_000));
        var list = text.Replace("HEX", $"{Digest.OfNothing}", StringComparison.Ordinal);
        var (match, noneMatch) = (ConditionHeaders.None with { IfMatch = list }, ConditionHeaders.None with { IfNoneMatch = list });
        foreach (var state in Seq(Some(current), None))
        {
            Assert.Equal("invalid_header", Conditions.JudgeWrite(match, state, new(2_000)).Code());
            Assert.Equal("invalid_header", Conditions.JudgeWrite(noneMatch, state, new(2_000)).Code());
        }

        Assert.Equal("precondition_failed", Conditions.JudgeRead(match, current, new(2_000)).Code());
        Assert.True(Conditions.JudgeRead(noneMatch, current, new(2_000)).Is(ReadAnswer.MayBePartial));
    }

    [Property(MaxTest = 500)]
    public bool No_text_and_no_time_throws(Hostile a, Hostile b, Hostile d, Wide modified, Wide now, Conditional c)
    {
        var current = c.Current with { LastModified = new(modified.Value) };
        return Seq(new ConditionHeaders(a.Text, null, b.Text, null, d.Text), new(null, a.Text, null, b.Text, d.Text)).ForAll(headers =>
            (Conditions.JudgeRead(headers, current, new(now.Value)).IsLeft == (headers.IfMatch?.Trim(' ', '\t') is not (null or "*")))
            && Conditions.JudgeWrite(headers, None, new(now.Value)).Code() is var code
            && (headers.IfMatch is null ? code is "ok" or "invalid_header" : code is "precondition_failed" or "invalid_header"));
    }
}
