using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Borderless.Tests.Console.Support;

/// <summary>The built server as a process of its own, on any free port of 127.0.0.1, over a directory of its own.</summary>
internal sealed partial class StoreProcess : IAsyncDisposable
{
    public const string Key = "secret-api-key";
    public const string PhotosKey = "photos-only-key-1";
    public const string MintingKey = "minting-only-key1";

    /// <summary>Others reach the store under this origin: a page that asked it for anything would be seen.</summary>
    public const string Domain = "http://localhost:1";

    private readonly string directory = Directory.CreateTempSubdirectory("borderless-console-").FullName;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly string[] flags;
    private Process process;

    private StoreProcess(string[] flags) => (this.flags, process) = (flags, new Process());

    public Uri Address { get; private set; } = new(Domain);

    public HttpClient Http { get; private set; } = new();

    private static string Host =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    public static async Task<StoreProcess> Start(params string[] flags)
    {
        var store = new StoreProcess(flags);
        store.Address = await store.Run("127.0.0.1:0");
        store.Http.Dispose();
        store.Http = new HttpClient { BaseAddress = store.Address };
        return store;
    }

    /// <summary>As when the power fails.</summary>
    public async Task Kill()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Once more on the same port, over the same directory.</summary>
    public Task Again() => Run(Address.Authority);

    public Task<(string Path, string Blob)> Mint(object wish) => Http.Mint(wish);

    public Task<string> Store(string bucket, byte[] bytes, string type, string? disposition = null) => Http.Store(bucket, bytes, type, disposition);

    public Task<HttpResponseMessage> Download(string bucket, string blob) => Http.Download(bucket, blob);

    public Task<string> DigestOf(string bucket, string blob) => Http.DigestOf(bucket, blob);

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Http.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    /// <returns>Where it serves.</returns>
    private Task<Uri> Run(string address)
    {
        var start = new ProcessStartInfo(Host) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "borderless-web.dll"));
        string[] all =
        [
            $"--ip-addr={address}", $"--data-dir={directory}", $"--domain={Domain}", $"--presign-api-key={Key}",
            $"--api-keys=photos:{PhotosKey}:bucket=photos,minting:{MintingKey}:presign", "--presign-hmac-secret=super-secret-hmac-secret", .. flags,
        ];
        all.ToList().ForEach(start.ArgumentList.Add);
        var serves = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Take(line.Data, serves);
        process.ErrorDataReceived += (_, line) => Take(line.Data, serves);
        process.Exited += (_, _) => serves.TrySetException(new InvalidOperationException($"the server ended: {string.Join('\n', lines)}"));
        process.EnableRaisingEvents = true;
        _ = process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return serves.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private void Take(string? line, TaskCompletionSource<Uri> serves)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
            if (Serves().Match(line) is { Success: true } match)
            {
                _ = serves.TrySetResult(new Uri(match.Groups[1].Value));
            }
        }
    }

    [GeneratedRegex(@"serves .* on ""?(http://[0-9.:]+)")]
    private static partial Regex Serves();
}
