using System.Globalization;
using Borderless.Benchmarks;

switch (args)
{
    case ["page-size", var directory]:
        await PageSize.Run(directory);
        return 0;
    case ["small-blobs", var directory, var number] when Objects(number) is <= 16_384 and { } length:
        await SmallBlobs.Run(directory, (int)length);
        return 0;
    case ["admin", var number] when Objects(number) is { } objects:
        await AdminCost.Run(objects);
        return 0;
    case ["fill", var directory, var number] when Objects(number) is { } objects:
        await AdminCost.Fill(directory, objects);
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            "usage: page-size <directory on the disk to measure> | small-blobs <directory on the disk to measure> <bytes, up to 16384> | admin <objects> | fill <empty data directory> <objects>");
        return 2;
}

static long? Objects(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
