using System.Diagnostics;

namespace Borderless.Benchmarks.Bench;

/// <summary>A server with this HTTP contract, with its log lines in a file.</summary>
internal sealed class Store(string name, string directory, string program, string? durability, IReadOnlyDictionary<string, string>? more = null) : Contestant(name, directory)
{
    public const string ApiKey = "benchmark-api-key";
    private const string Secret = "benchmark-hmac-secret";

    private static readonly SigningKey Key = SigningKey.FromSecret(Secret);
    private static readonly UnixSeconds Expires = new(DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds());

    public override string UploadMethod => "POST";

    public override string Upload(Guid blob) => Signed("POST", $"/upload/{blob}");

    public override string Download(Guid blob) => Signed("GET", $"/files/{blob}");

    protected override string Deletion(Guid blob) => Signed("DELETE", $"/files/{blob}");

    public static string Signed(string method, string path) => Presign.UrlOf(Key, "", new Claim(method, path, Expires, Empty));

    /// <summary>
    /// The runtime compiles what is hot in steps, each of which waits until the processor has time: servers were seen at a third of
    /// their speed in the seconds before.
    /// </summary>
    public override async Task WarmUp(Func<Task> load)
    {
        for (var time = 0; time < 3; time++)
        {
            await load();
            await Task.Delay(400);
        }
    }

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
        more?.Iter(setting => start.Environment[setting.Key] = setting.Value);
        return start;
    }

    public string Data => Path.Combine(Home, "data");
}
