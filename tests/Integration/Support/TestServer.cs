using System.Text;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration.Support;

/// <summary>The real server on a free port of 127.0.0.1, over a directory of its own, with a clock that the test holds.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string ApiKey = "the-api-key-of-tests";
    public const string Secret = "test-hmac-secret";

    /// <summary>In the place of a value: that a setting is not set.</summary>
    public const string NotSet = "not set";

    private readonly Server server;
    private readonly bool ownsDirectory;

    private TestServer(Server server, string directory, bool ownsDirectory, FakeTimeProvider time, CapturedLog log, TestClient client)
    {
        (this.server, Directory, this.ownsDirectory, Time, Log) = (server, directory, ownsDirectory, time, log);
        Address = new Uri(server.Address.StartsWith("unix:", StringComparison.Ordinal) ? "http://store.test" : server.Address);
        Http = client.For(server.Address, Address);
    }

    public HttpClient Http { get; }

    public Uri Address { get; }

    public string Directory { get; }

    public FakeTimeProvider Time { get; }

    public CapturedLog Log { get; }

    public Store Store => server.Store;

    public Server Server => server;

    /// <summary>Starts a server. Settings are given as in a file, by key; those not given have values for tests.</summary>
    public static async Task<TestServer> Start(
        IReadOnlyDictionary<string, string>? settings = null, string? directory = null, IDisk? disk = null, FakeTimeProvider? time = null, TestClient? client = null)
    {
        var home = directory ?? NewDirectory();
        time ??= new FakeTimeProvider(DateTimeOffset.UtcNow);
        var log = new CapturedLog();
        var started = await Server.Start(SettingsFor(home, settings), disk ?? new PosixDisk(), time, log.Logger);
        return new TestServer(
            started.IfLeft(problem => throw new InvalidOperationException(problem.Message)), home, directory is null, time, log, client ?? new TestClient());
    }

    public static string NewDirectory() => System.IO.Directory.CreateTempSubdirectory("borderless-test-").FullName;

    public static Settings SettingsFor(string directory, IReadOnlyDictionary<string, string>? settings = null)
    {
        var values = new Dictionary<string, string>
        {
            ["ip_addr"] = "127.0.0.1:0",
            ["data_dir"] = directory,
            ["domain"] = "http://store.test",
            ["presign_api_key"] = ApiKey,
            ["presign_hmac_secret"] = Secret,
        };
        settings?.ToList().ForEach(setting => values[setting.Key] = setting.Value);
        return SettingsReader
            .Read(
                Seq1(toSeq(values.Where(value => value.Value != NotSet).Select(value => new RawSetting(value.Key, value.Value, "test")).ToArray())),
                new UnixSeconds(0), "unused", new SettingProbes(DataDirectory.Probe))
            .Match(Succ: read => read, Fail: problems => throw new InvalidOperationException(string.Join("; ", problems)));
    }

    public UnixSeconds Now => new(Time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>A path with query, signed by Core alone, valid for ten minutes of the test's clock.</summary>
    public string Signed(string method, string path, long validFor = 600, string secret = Secret) =>
        Presign.UrlOf(SigningKey.FromSecret(secret), "", new Claim(method, path, Now.Plus(validFor), Empty));

    /// <summary>The same with further parameters under the signature.</summary>
    public string SignedWith(string method, string path, params ReadOnlySpan<(string Name, string Value)> parameters) =>
        Presign.UrlOf(
            SigningKey.FromSecret(Secret), "",
            new Claim(method, path, Now.Plus(600), toSeq(parameters.ToArray().Select(one => new SignedParameter(one.Name, one.Value)).ToArray())));

    public Task<HttpResponseMessage> Upload(Guid blob, byte[] bytes, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, Signed("POST", $"/upload/{blob}"), new ByteArrayContent(bytes), headers);

    public Task<HttpResponseMessage> Chunk(Guid blob, int index, int total, byte[] bytes) =>
        Upload(blob, bytes, ("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}"));

    public Task<HttpResponseMessage> Merge(Guid blob, int total, params (string Name, string Value)[] headers) =>
        Upload(blob, [], [("x-upload-type", "chunked"), ("x-chunk-total", $"{total}"), ("x-chunk-merge", "true"), .. headers]);

    public Task<HttpResponseMessage> Download(Guid blob) => Send(HttpMethod.Get, Signed("GET", $"/files/{blob}"));

    public Task<HttpResponseMessage> PostPresign(string json, string? key = ApiKey, string? contentType = "application/json")
    {
        var content = new StringContent(json, Encoding.UTF8);
        content.Headers.ContentType = contentType is null ? null : System.Net.Http.Headers.MediaTypeHeaderValue.Parse(contentType);
        return Send(HttpMethod.Post, "/presign", content, key is null ? [] : [("authorization", $"Bearer {key}")]);
    }

    /// <summary>Sends a request whose target goes out byte for byte, and reads the head of the answer.</summary>
    public async Task<HttpResponseMessage> Send(
        HttpMethod method, string target, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(
            method, new Uri(Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        (request.Content, request.Version, request.VersionPolicy) = (content, Http.DefaultRequestVersion, Http.DefaultVersionPolicy);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                Assert.True(request.Content!.Headers.TryAddWithoutValidation(name, value));
            }
        }

        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Every file under a part of the data directory, but those that mark the store itself.</summary>
    public string[] FilesUnder(string name) =>
        [.. System.IO.Directory.EnumerateFiles(Path.Combine(Directory, name), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != ".store")];

    /// <summary>As a restart would: merges of chunks that came in order have all to read again.</summary>
    public void ForgetPrefixes() => Store.Prefixes.Forget(_ => true);

    /// <summary>Stops as a signal would, and keeps the directory.</summary>
    public ValueTask Stop() => server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server.DisposeAsync();
        if (ownsDirectory)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
