using System.Globalization;

namespace Borderless.Core;

/// <summary>Sizes for people, such as <c>1.2 MB</c>: decimal units (ISO 80000-13), one digit after the point from kB on.</summary>
public static class HumanSize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>The size in the largest unit of which there is at least one, once rounded (half up): 999,950 is <c>1.0 MB</c>.</summary>
    public static string Format(long bytes) => bytes < 0 ? $"-{Positive(-(Int128)bytes)}" : Positive(bytes);

    private static string Positive(Int128 bytes) => bytes < 1000 ? $"{bytes} B" : InUnit(bytes, 1, 1000);

    private static string InUnit(Int128 bytes, int power, Int128 unit)
    {
        var tenths = (bytes * 10 + unit / 2) / unit;
        return tenths >= 10_000
            ? InUnit(bytes, power + 1, unit * 1000)
            : string.Create(CultureInfo.InvariantCulture, $"{tenths / 10}.{tenths % 10} {Units[power]}");
    }
}
