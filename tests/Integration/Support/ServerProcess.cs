using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Borderless.Tests.Integration.Support;

/// <summary>How a process ended, and what it wrote.</summary>
internal sealed record Ended(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors);

/// <summary>The built server as a process of its own, for what only a process has: signals, an exit code, a command line.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly Process process;

    private ServerProcess(IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment, IReadOnlyList<string>? under)
    {
        // A shell starts what runs in its background with SIGINT ignored, and children inherit that; env gives it back.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--default-signal=HUP,INT,TERM");
        under?.Iter(start.ArgumentList.Add);
        start.ArgumentList.Add(Host);
        _ = start.Environment.Remove("ASPNETCORE_URLS");
        SettingKey.All.Iter(key => start.Environment.Remove(key.Variable));
        environment?.ToList().ForEach(variable => start.Environment[variable.Key] = variable.Value);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "borderless-web.dll"));
        args.ToList().ForEach(start.ArgumentList.Add);
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        _ = process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The program that runs <c>.dll</c> files: the one that runs these tests.</summary>
    private static string Host =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public IReadOnlyList<string> Lines => [.. output];

    public IReadOnlyList<string> ErrorLines => [.. errors];

    /// <summary>Where it listens, once it serves.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public HttpClient Http { get; private set; } = new();

    /// <summary>Starts the program, under another one if its words are given, and does not wait for anything.</summary>
    public static ServerProcess Launch(
        IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? under = null) =>
        new(args, environment, under);

    /// <summary>Runs the program until it ends by itself.</summary>
    public static async Task<Ended> Run(IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var server = Launch(args, environment);
        return await server.End();
    }

    /// <summary>The flags of a server over a directory, on any free port of 127.0.0.1, and then the flags given.</summary>
    public static string[] FlagsFor(string directory, params string[] more) =>
    [
        "--ip-addr=127.0.0.1:0", $"--data-dir={directory}", "--domain=http://store.test", $"--presign-api-key={TestServer.ApiKey}",
        $"--presign-hmac-secret={TestServer.Secret}", .. more,
    ];

    /// <summary>Starts a server over a directory and waits until it serves.</summary>
    public static Task<ServerProcess> Serve(string directory, params string[] more) => Serve(Launch(FlagsFor(directory, more)));

    /// <summary>Waits until a launched server serves.</summary>
    public static async Task<ServerProcess> Serve(ServerProcess server)
    {
        await Wait.Until(() => server.HasExited || server.Lines.Any(line => Serves().IsMatch(line)), "the server serves");
        if (server.HasExited)
        {
            var ended = await server.End();
            throw new InvalidOperationException($"the server ended with {ended.Code}: {string.Join('\n', ended.Errors.Concat(ended.Output))}");
        }

        server.Address = new Uri(Serves().Match(server.Lines.First(line => Serves().IsMatch(line))).Groups[1].Value);
        server.Http.Dispose();
        server.Http = new HttpClient { BaseAddress = server.Address, Timeout = AtMost };
        return server;
    }

    public static string Signed(string method, string path) =>
        Presign.UrlOf(
            SigningKey.FromSecret(TestServer.Secret), "", new Claim(method, path, new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600), Empty));

    public Task<HttpResponseMessage> Upload(Guid blob, byte[] bytes) =>
        Http.PostAsync(Signed("POST", $"/upload/{blob}"), new ByteArrayContent(bytes));

    public Task<HttpResponseMessage> Download(Guid blob) =>
        Http.GetAsync(Signed("GET", $"/files/{blob}"), HttpCompletionOption.ResponseHeadersRead);

    /// <summary>A connection on which a request's head and the first bytes of its body were sent, and nothing else yet.</summary>
    public async Task<TcpClient> Begin(string method, string path, string headers = "", ReadOnlyMemory<byte> body = default)
    {
        var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port);
        var head = $"{method} {Signed(method, path)} HTTP/1.1\r\nhost: store.test\r\n{headers}\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        await client.GetStream().WriteAsync(body);
        return client;
    }

    public void Signal(int signal) => Signal(Id, signal);

    public static void Signal(int process, int signal) => Assert.Equal(0, kill(process, signal));

    public Task WaitForLine(string part) => Wait.Until(() => Lines.Any(line => line.Contains(part, StringComparison.Ordinal)), $"the log says: {part}");

    /// <summary>Waits until the process has ended and all that it wrote was read.</summary>
    public async Task<Ended> End()
    {
        await process.WaitForExitAsync().WaitAsync(AtMost);
        return new Ended(process.ExitCode, Lines, [.. errors]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
        Http.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line) => Optional(line).Iter(lines.Enqueue);

    [GeneratedRegex(@"serves .* on ""?\\?""?(https?://[0-9.:]+|unix:/[^,\s]+)")]
    private static partial Regex Serves();

#pragma warning disable IDE1006, SYSLIB1054 // The name is the C library's; generated code would need unsafe blocks.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
#pragma warning restore IDE1006, SYSLIB1054
}
