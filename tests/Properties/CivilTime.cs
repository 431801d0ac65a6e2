using System.Globalization;

namespace Borderless.Tests.Properties;

/// <summary>A calendar that only counts: days into years, then into months. Naive on purpose, and not the one under test.</summary>
internal sealed record CivilTime(int Year, int Month, int Day, int Hour, int Minute, int Second, int Weekday)
{
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    private static readonly string[] Days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

    private string Clock => string.Create(CultureInfo.InvariantCulture, $"{Hour:00}:{Minute:00}:{Second:00}");

    private string ShortDay => Days[Weekday][..3];

    public string Fixdate => string.Create(CultureInfo.InvariantCulture, $"{ShortDay}, {Day:00} {Months[Month - 1]} {Year:0000} {Clock} GMT");

    public string Rfc850 =>
        string.Create(CultureInfo.InvariantCulture, $"{Days[Weekday]}, {Day:00}-{Months[Month - 1]}-{Year % 100:00} {Clock} GMT");

    public string Asctime => string.Create(CultureInfo.InvariantCulture, $"{ShortDay} {Months[Month - 1]} {Day,2} {Clock} {Year:0000}");

    public (int Year, int, int, int, int, int) Order => (Year, Month, Day, Hour, Minute, Second);

    public static int DaysIn(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;

    public static int DaysIn(int year, int month) => month switch
    {
        2 => DaysIn(year) - 337,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    public static CivilTime At(long seconds)
    {
        var days = (long)Math.Floor(seconds / 86_400.0);
        var (year, month, left, clock) = (1970, 1, days, (int)(seconds - days * 86_400));
        for (; left < 0; left += DaysIn(year)) year--;
        for (; left >= DaysIn(year); year++) left -= DaysIn(year);
        for (; left >= DaysIn(year, month); month++) left -= DaysIn(year, month);
        return new(year, month, (int)left + 1, clock / 3600, clock / 60 % 60, clock % 60, (int)((days % 7 + 7) % 7));
    }
}
