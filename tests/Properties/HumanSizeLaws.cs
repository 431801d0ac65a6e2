using System.Globalization;

namespace Borderless.Tests.Properties;

public sealed class HumanSizeLaws
{
    private static readonly Dictionary<string, decimal> Units = new()
    {
        ["B"] = 1m,
        ["kB"] = 1e3m,
        ["MB"] = 1e6m,
        ["GB"] = 1e9m,
        ["TB"] = 1e12m,
        ["PB"] = 1e15m,
        ["EB"] = 1e18m,
    };

    private static (decimal Number, string Unit) Read(string shown) =>
        shown.Split(' ') is [var number, var unit] ? (decimal.Parse(number, CultureInfo.InvariantCulture), unit) : throw new FormatException(shown);

    [Property(MaxTest = 1000)]
    public Property What_is_shown_is_the_size_to_a_tenth_of_its_unit(ByteCount size)
    {
        var (number, unit) = Read(HumanSize.Format(size.Value));
        return (unit == "B"
                ? number == size.Value && number < 1000
                : Math.Abs(number * Units[unit] - size.Value) <= Units[unit] / 20 && number is >= 1m and < 1000m && number.Scale == 1)
            .Collect(unit);
    }

    [Property(MaxTest = 1000)]
    public bool More_is_never_shown_as_less(ByteCount one, ByteCount other)
    {
        static decimal Shown(long size) => Read(HumanSize.Format(size)) is var (number, unit) ? number * Units[unit] : 0;
        return one.Value <= other.Value ? Shown(one.Value) <= Shown(other.Value) : Shown(one.Value) >= Shown(other.Value);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(1049, "1.0 kB")]
    [InlineData(1050, "1.1 kB")]
    [InlineData(999_949, "999.9 kB")]
    [InlineData(999_950, "1.0 MB")]
    [InlineData(1_234_567, "1.2 MB")]
    [InlineData(999_999_999_999, "1.0 TB")]
    [InlineData(long.MaxValue, "9.2 EB")]
    [InlineData(-1500, "-1.5 kB")]
    [InlineData(long.MinValue, "-9.2 EB")]
    public void Sizes_at_the_edges(long bytes, string shown) => Assert.Equal(shown, HumanSize.Format(bytes));
}
