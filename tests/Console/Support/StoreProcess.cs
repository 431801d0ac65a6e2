using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
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

    /// <summary>Mints a URL and gives back its path and query, and the blob that it is for.</summary>
    public async Task<(string Path, string Blob)> Mint(object wish)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/presign") { Content = JsonContent.Create(wish) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var answer = await Http.SendAsync(request);
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return (new Uri(json.RootElement.GetProperty("url").GetString()!).PathAndQuery, json.RootElement.GetProperty("blob_id").GetString()!);
    }

    /// <summary>Stores a blob, as a back end would.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> Store(string bucket, byte[] bytes, string type, string? disposition = null)
    {
        var (path, blob) = await Mint(new { action = "upload", bucket });
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (disposition is not null)
        {
            _ = content.Headers.TryAddWithoutValidation("content-disposition", disposition);
        }

        using var answer = await Http.PostAsync(path, content);
        _ = answer.EnsureSuccessStatusCode();
        return blob;
    }

    public async Task<HttpResponseMessage> Download(string bucket, string blob) =>
        await Http.GetAsync((await Mint(new { action = "download", bucket, blob_id = blob })).Path, HttpCompletionOption.ResponseHeadersRead);

    /// <summary>The digest of what a download gives.</summary>
    public async Task<string> DigestOf(string bucket, string blob)
    {
        using var answer = await Download(bucket, blob);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync()));
    }

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
