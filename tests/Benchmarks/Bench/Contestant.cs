using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Borderless.Benchmarks.Bench;

/// <summary>A server that takes part: how it is started, and how its requests look.</summary>
internal abstract class Contestant(string name, string directory) : IAsyncDisposable
{
    private Process? process;

    public string Name => name;

    public string Home => directory;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public HttpClient Http { get; private set; } = new();

    /// <summary>The method by which a new blob is uploaded.</summary>
    public abstract string UploadMethod { get; }

    /// <summary>Where a new blob is uploaded to.</summary>
    public abstract string Upload(Guid blob);

    /// <summary>Where a blob is downloaded from.</summary>
    public abstract string Download(Guid blob);

    /// <summary>Where a blob is deleted.</summary>
    protected abstract string Deletion(Guid blob);

    /// <summary>Puts it under a load that is not measured, so that it has all its speed afterwards.</summary>
    public virtual Task WarmUp(Func<Task> load) => load();

    public Uri At(string target) => new(Address, target);

    /// <summary>Starts it in its directory, which may hold what it stored before.</summary>
    /// <returns>The milliseconds from its start until it answered.</returns>
    public async Task<double> Start()
    {
        Directory.CreateDirectory(directory);
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = Command(Address.Port);
        var started = Stopwatch.GetTimestamp();
        process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };
        while (!await Answers())
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(5))
            {
                throw new InvalidOperationException(
                    $"{name} does not serve. Its log: {(File.Exists(LogFile) ? await File.ReadAllTextAsync(LogFile) : "none")}");
            }

            await Task.Delay(1);
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (process is { HasExited: false })
        {
            await Tool.Run("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
            await process.WaitForExitAsync();
        }

        process?.Dispose();
    }

    /// <summary>Deletes all its large blobs, and waits up to ten seconds until no large file is left, for a store may remove it later.</summary>
    public async Task Delete(params IEnumerable<Guid> blobs)
    {
        foreach (var blob in blobs)
        {
            using var answer = await Http.DeleteAsync(At(Deletion(blob)));
            _ = answer.EnsureSuccessStatusCode();
        }

        for (var asked = Stopwatch.GetTimestamp(); HasLargeFiles() && Stopwatch.GetElapsedTime(asked).TotalSeconds < 10;)
        {
            await Task.Delay(10);
        }
    }

    private bool HasLargeFiles() =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Any(path => new FileInfo(path) is { Exists: true, Length: >= 16 << 20 });

    /// <summary>The most memory that its processes had, added up, in bytes.</summary>
    public long PeakMemory() => Pids().Sum(pid => StatusOf(pid, "VmHWM:"));

    /// <summary>What the processor spent on it since its start.</summary>
    public TimeSpan ProcessorTime() => process!.TotalProcessorTime;

    protected string LogFile => Path.Combine(directory, "log");

    protected abstract ProcessStartInfo Command(int port);

    protected virtual string Probe => "/healthz";

    private IEnumerable<int> Pids() => [process!.Id, .. File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    private static long StatusOf(int pid, string key) =>
        1024 * long.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith(key, StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

    private async Task<bool> Answers()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(Probe, UriKind.Relative));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
