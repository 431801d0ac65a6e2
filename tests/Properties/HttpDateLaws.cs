namespace Borderless.Tests.Properties;

public sealed class HttpDateLaws
{
    [Property(MaxTest = 300)]
    public Property What_was_written_is_read_and_is_what_the_calendar_says(Moment time) =>
        (HttpDate.Format(time.Seconds) == CivilTime.At(time.Value).Fixdate
            && HttpDate.Parse(HttpDate.Format(time.Seconds), new(0)) == Some(time.Seconds))
        .Classify(CivilTime.At(time.Value) is { Month: 2, Day: 29 }, "29 February")
        .Classify(time.Value < 0, "before 1970");

    [Property(MaxTest = 300)]
    public bool The_asctime_form_is_read(Moment time, Wide now) =>
        HttpDate.Parse(CivilTime.At(time.Value).Asctime, new(now.Value)) == Some(time.Seconds);

    /// <summary>The latest year with these two digits that is not more than 50 years ahead, found by looking at all years.</summary>
    [Property(MaxTest = 500)]
    public Property Two_digits_of_a_year_mean_no_more_than_50_years_ahead(FarApart pair)
    {
        var (date, now) = (CivilTime.At(pair.Time.Value), CivilTime.At(pair.Clock.Value));
        var limit = now with { Year = now.Year + 50 };
        var years = Enumerable.Range(1, 9999).Where(year => year % 100 == date.Year % 100 && date.Day <= CivilTime.DaysIn(year, date.Month)
            && (date with { Year = year }).Order.CompareTo(limit.Order) <= 0).ToArray();
        var read = HttpDate.Parse(date.Rfc850, pair.Clock.Seconds).Map(found => CivilTime.At(found.Value) with { Weekday = 0 });
        return (read == years.TakeLast(1).ToSeq().Map(year => date with { Year = year, Weekday = 0 }).HeadOrNone())
            .When(now is not { Month: 2, Day: 29 })
            .Classify(read.Exists(found => found.Year > now.Year), "in the future")
            .Classify(read.Exists(found => found.Year == now.Year + 50), "just within the limit")
            .Classify(read.Exists(found => found.Year == now.Year - 50), "just beyond the limit")
            .Classify(read.IsNone, "in no year");
    }

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777L)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777L)]
    [InlineData("Sun Nov  6 08:49:37 1994", 784_111_777L)]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777L)]
    [InlineData("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800L)]
    [InlineData("Sunday, 06-Nov-70 08:49:37 GMT", 3_182_489_377L)]
    [InlineData("Sunday, 06-Nov-80 08:49:37 GMT", 342_348_577L)]
    public void The_forms_of_the_RFC_are_read(string text, long seconds) =>
        Assert.Equal(Some(new UnixSeconds(seconds)), HttpDate.Parse(text, new(1_750_000_000)));

    [Theory]
    [InlineData("")]
    [InlineData("sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 gmt")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun, 6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 94 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Sun Nov 6 08:49:37 1994")]
    [InlineData("Sun Nov  6 08:49:37 1994 GMT")]
    [InlineData("Sun, 00 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 31 Nov 1994 08:49:37 GMT")]
    [InlineData("Tue, 29 Feb 2100 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 0000 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:00:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:60:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:60 GMT")]
    [InlineData("Sun, 06 Nov 1994 23:59:61 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT\n")]
    [InlineData(" Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("784111777")]
    public void What_is_none_of_the_forms_is_no_date(string text) => Assert.Equal(None, HttpDate.Parse(text, new(1_750_000_000)));

    /// <summary>Whatever is read, one of the three forms of the result is what was written, but for the name of the day.</summary>
    [Property(MaxTest = 1000)]
    public Property Nothing_but_the_three_forms_is_read(NearDate near, Wide now)
    {
        static string WithoutDay(string text) => text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        var read = HttpDate.Parse(near.Text, new(now.Value));
        return read.ForAll(found => CivilTime.At(found.Value) is var date
                && (near.Text.Contains("23:59:60", StringComparison.Ordinal)
                    || toSeq([date.Fixdate, date.Rfc850, date.Asctime]).Map(WithoutDay).Contains(WithoutDay(near.Text))
                    || WithoutDay(near.Text) == WithoutDay(date.Asctime).Replace("  ", " 0", StringComparison.Ordinal)))
            .Classify(read.IsSome, "still a date")
            .Classify(read.IsNone, "no date");
    }

    [Property(MaxTest = 300)]
    public bool No_text_and_no_time_throws(Hostile text, Wide time) =>
        HttpDate.Parse(text.Text, new(time.Value)).IsNone && HttpDate.Parse(HttpDate.Format(new(time.Value)), new(time.Value)).IsSome;
}
