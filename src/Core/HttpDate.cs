using System.Globalization;
using System.Text.RegularExpressions;

namespace Borderless.Core;

/// <summary>Dates in header fields (RFC 9110 section 5.6.7): one form is written, three are read.</summary>
public static partial class HttpDate
{
    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private const string Month = "(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    private const string Time = "(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})";
    private const string ShortDay = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    private const string LongDay = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
    private const string Fixdate = ShortDay + ", (?<day>[0-9]{2}) " + Month + " (?<year>[0-9]{4}) " + Time + " GMT";
    private const string Rfc850 = LongDay + ", (?<day>[0-9]{2})-" + Month + "-(?<year>[0-9]{2}) " + Time + " GMT";
    private const string Asctime = ShortDay + " " + Month + " (?<day>[0-9]{2}| [0-9]) " + Time + " (?<year>[0-9]{4})";

    /// <summary>The IMF-fixdate, such as <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    /// <param name="time">A time outside the years 1 to 9999 is written as the nearest one inside.</param>
    public static string Format(UnixSeconds time) => Calendar(time).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads an IMF-fixdate, an RFC 850 date or an asctime date. Names are case-sensitive. The name of the day must be one, but
    /// it need not fit the date; a leap second counts as the second after it.
    /// </summary>
    /// <param name="text">The field's value.</param>
    /// <param name="now">
    /// Decides the century of an RFC 850 date: its year is the latest one with these two digits in which the date exists and is
    /// not more than 50 years in the future.
    /// </param>
    /// <returns>The time, or None where the text is none of the three forms or names no date.</returns>
    public static Option<UnixSeconds> Parse(string text, UnixSeconds now) =>
        Forms().Match(text) is { Success: true } date ? Read(date, now) : None;

    [GeneratedRegex($@"\A(?:{Fixdate}|{Rfc850}|{Asctime})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Forms();

    private static Option<UnixSeconds> Read(Match date, UnixSeconds now) =>
        date.Groups["year"].Length == 4
            ? InYear(Number(date, "year"), date)
            : InCentury(date, Calendar(now));

    private static Option<UnixSeconds> InCentury(Match date, DateTimeOffset now) =>
        toSeq([1, 0, -1, -2, -3])
            .Map(centuries => (now.Year / 100 + centuries) * 100 + Number(date, "year"))
            .Choose(year => InYear(year, date))
            .Filter(time => time <= FiftyYearsAfter(now))
            .HeadOrNone();

    private static UnixSeconds FiftyYearsAfter(DateTimeOffset now) =>
        new((now.Year > 9949 ? DateTimeOffset.MaxValue : now.AddYears(50)).ToUnixTimeSeconds());

    private static Option<UnixSeconds> InYear(int year, Match date)
    {
        var (month, day) = (Months.IndexOf(date.Groups["month"].Value, StringComparison.Ordinal) / 3 + 1, Number(date, "day"));
        var (hour, minute, second) = (Number(date, "hour"), Number(date, "minute"), Number(date, "second"));
        return year is >= 1 and <= 9999 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && hour <= 23 && minute <= 59 && (second <= 59 || (hour, minute, second) is (23, 59, 60))
            ? Some(new UnixSeconds(new DateTimeOffset(year, month, day, hour, minute, 0, TimeSpan.Zero).ToUnixTimeSeconds() + second))
            : None;
    }

    private static int Number(Match date, string group) =>
        int.Parse(date.Groups[group].ValueSpan, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);

    private static DateTimeOffset Calendar(UnixSeconds time) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(
            time.Value, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
