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
                throw new InvalidOperationException($"{name} does not serve: see {LogFile}");
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

    /// <summary>The most memory that its processes had, added up, in bytes.</summary>
    public long PeakMemory() => Pids().Sum(pid => StatusOf(pid, "VmHWM:"));

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

/// <summary>A server with this HTTP contract, with its log lines in a file.</summary>
internal sealed class Store(string name, string directory, string program, string? durability) : Contestant(name, directory)
{
    public const string ApiKey = "benchmark-api-key";
    private const string Secret = "benchmark-hmac-secret";

    private static readonly SigningKey Key = SigningKey.FromSecret(Secret);
    private static readonly UnixSeconds Expires = new(DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds());

    public override string UploadMethod => "POST";

    public override string Upload(Guid blob) => Signed("POST", $"/upload/{blob}");

    public override string Download(Guid blob) => Signed("GET", $"/files/{blob}");

    public static string Signed(string method, string path) => Presign.UrlOf(Key, "", new Claim(method, path, Expires, Empty));

    /// <summary>Through a shell, which gives the log to a file and its place to the server.</summary>
    protected override ProcessStartInfo Command(int port)
    {
        Directory.CreateDirectory(Data);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" >> \"$1\" 2>&1", program, LogFile]);
        var settings = new Dictionary<string, string?>
        {
            ["IP_ADDR"] = $"127.0.0.1:{port}",
            ["DATA_DIR"] = Data,
            ["DOMAIN"] = $"http://127.0.0.1:{port}",
            ["PRESIGN_API_KEY"] = ApiKey,
            ["PRESIGN_HMAC_SECRET"] = Secret,
            ["DURABILITY"] = durability,
            ["CORS_ORIGINS"] = "http://127.0.0.1",
            ["MAX_DATA_RQ_SIZE"] = "4294967296",
        };
        settings.Where(setting => setting.Value is not null).Iter(setting => start.Environment[setting.Key] = setting.Value);
        return start;
    }

    public string Data => Path.Combine(Home, "data");
}

/// <summary>nginx with WebDAV: no signature, no hash, no sync.</summary>
internal sealed class Nginx(string directory) : Contestant("nginx", directory)
{
    public override string UploadMethod => "PUT";

    public override string Upload(Guid blob) => $"/{blob}";

    public override string Download(Guid blob) => $"/{blob}";

    protected override string Probe => "/";

    protected override ProcessStartInfo Command(int port)
    {
        Directory.CreateDirectory(Path.Combine(Home, "data"));
        Directory.CreateDirectory(Path.Combine(Home, "tmp"));
        var file = Path.Combine(Home, "nginx.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            worker_processes 2;
            pid nginx.pid;
            error_log log;
            daemon off;
            events { worker_connections 1024; }
            http {
                access_log log;
                sendfile on;
                tcp_nopush on;
                keepalive_requests 1000000000;
                client_max_body_size 0;
                client_body_temp_path tmp;
                types { }
                server {
                    listen 127.0.0.1:{{port}};
                    root data;
                    location / { dav_methods PUT DELETE; }
                }
            }
            """));
        return new ProcessStartInfo("nginx", ["-p", Home, "-c", file, "-e", LogFile]);
    }
}
