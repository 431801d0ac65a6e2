using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>What wrk counted.</summary>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="Answers">All answers.</param>
/// <param name="P50">The median of the time to an answer, in milliseconds.</param>
/// <param name="P99">Its 99th percentile.</param>
internal sealed record Rate(double PerSecond, double Answers, double P50, double P99)
{
    public double[] Figures => [PerSecond, P50, P99];
}

/// <summary>Many small requests over 32 connections that are kept alive, by wrk and two of its threads.</summary>
internal sealed class Wrk(string directory)
{
    private const int Connections = 32;
    private const int MostUploadsPerSecond = 50_000;

    /// <summary>Uploads of new blobs.</summary>
    public Task<Rate> Upload(Contestant side, int seconds, int bytes) => Run(
        side.Address, side.UploadMethod, [.. Enumerable.Range(0, seconds * MostUploadsPerSecond).Select(_ => side.Upload(Guid.CreateVersion7()))], seconds, bytes);

    /// <summary>Requests of <c>method</c> for each target in its turn, with a body of so many bytes that is distinct for each target.</summary>
    public async Task<Rate> Run(Uri address, string method, IReadOnlyList<string> targets, int seconds, int bodyBytes = 0, string? json = null, string? bearer = null)
    {
        var (script, list) = (Path.Combine(directory, "requests.lua"), Path.Combine(directory, "targets"));
        await File.WriteAllTextAsync(script, Script);
        await File.WriteAllLinesAsync(list, targets);
        var printed = await Tool.Run(
            "wrk", "-t2", $"-c{Connections}", string.Create(CultureInfo.InvariantCulture, $"-d{seconds}s"), "--timeout=30s", "-s", script, address.AbsoluteUri,
            "--", method, list, bodyBytes.ToString(CultureInfo.InvariantCulture), json ?? "", bearer ?? "");
        var figures = printed.Split('\n').Single(line => line.StartsWith("figures ", StringComparison.Ordinal)).Split(' ')[1..]
            .Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        var (answers, micros, refused, broken) = (figures[0], figures[1], figures[2], figures[3]);
        return refused + broken > 0
            ? throw new InvalidOperationException($"{refused} of {answers} requests were refused, {broken} connections broke:\n{printed}")
            : bodyBytes > 0 && answers > targets.Count
                ? throw new InvalidOperationException($"{targets.Count} targets are too few: a body was sent twice")
                : new Rate(answers / micros * 1e6, answers, figures[4] / 1e3, figures[5] / 1e3);
    }

    /// <summary>
    /// Each thread takes every second target, from the first to the last and over again; the body begins with the target. What has no such
    /// body is put together before the clock runs, for what the generator does is taken from the server, on the same cores.
    /// </summary>
    private const string Script =
        """
        local threads = 0

        function setup(thread)
          thread:set("mine", threads)
          threads = threads + 1
        end

        function init(args)
          method, size, json, bearer = args[1], tonumber(args[3]), args[4], args[5]
          targets, at, line = {}, 0, 0
          for target in io.lines(args[2]) do
            if line % 2 == mine then targets[#targets + 1] = target end
            line = line + 1
          end
          if #targets == 0 then
            for target in io.lines(args[2]) do targets[#targets + 1] = target end
          end
          math.randomseed(4711)
          local bytes = {}
          for i = 1, size do bytes[i] = string.char(math.random(0, 255)) end
          filling = table.concat(bytes)
          headers = {}
          if json ~= "" then headers["content-type"] = "application/json" end
          if bearer ~= "" then headers["authorization"] = "Bearer " .. bearer end
          if size == 0 then
            local body = nil
            if json ~= "" then body = json end
            for i, target in ipairs(targets) do targets[i] = wrk.format(method, target, headers, body) end
          end
        end

        function request()
          at = at % #targets + 1
          if size == 0 then return targets[at] end
          return wrk.format(method, targets[at], headers, targets[at]:sub(1, 60) .. filling:sub(61))
        end

        function done(summary, latency, requests)
          local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
          io.write(string.format("figures %d %d %d %d %d %d\n",
            summary.requests, summary.duration, summary.errors.status, broken, latency:percentile(50), latency:percentile(99)))
        end
        """;
}
