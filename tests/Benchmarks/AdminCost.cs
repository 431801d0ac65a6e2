using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Borderless.Benchmarks;

/// <summary>
/// What a start and the admin API cost in a store of so many objects: counts, the first page, and a page deep in the list by cursor, by
/// offset and by prefix, each through the real server over HTTP on one connection.
/// </summary>
internal static class AdminCost
{
    private const int BlobBytes = 64;
    private const int Rounds = 101;
    private const int Starts = 11;

    public static async Task Run(long objects)
    {
        var directory = Directory.CreateTempSubdirectory("borderless-admin-").FullName;
        try
        {
            await FilledStore.Fill(directory, objects, BlobBytes);
            var start = await MedianStart(directory);
            await using var server = await FilledStore.Open(directory);
            using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            http.DefaultRequestHeaders.Authorization = new("Bearer", FilledStore.ApiKey);
            var cursor = await Next(http, objects * 9 / 10);
            string[] targets =
            [
                "/admin/stats", "/admin/objects", $"/admin/objects?after={cursor}", $"/admin/objects/bucket-1?after={cursor}",
                "/admin/objects?blob_id=abc", $"/admin/objects?offset={objects * 9 / 10}",
            ];
            var times = new List<double> { start };
            foreach (var target in targets)
            {
                times.Add(await Median(http, target));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {objects:N0} | {string.Join(" | ", times.Select(time => time.ToString("0.00", CultureInfo.InvariantCulture)))} |"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> Next(HttpClient http, long offset)
    {
        using var page = JsonDocument.Parse(await http.GetStringAsync(new Uri($"/admin/objects?limit=1&offset={offset}", UriKind.Relative)));
        return page.RootElement.GetProperty("next").GetString()!;
    }

    /// <summary>From opening the store to listening.</summary>
    private static async Task<double> MedianStart(string directory)
    {
        var times = new List<double>();
        for (var round = 0; round < Starts; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await using var server = await FilledStore.Open(directory);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times.Order().ElementAt(Starts / 2);
    }

    private static async Task<double> Median(HttpClient http, string target)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            _ = await http.GetByteArrayAsync(new Uri(target, UriKind.Relative));
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times.Order().ElementAt(Rounds / 2);
    }
}
