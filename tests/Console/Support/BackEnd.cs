using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Borderless.Tests.Console.Support;

/// <summary>What a back end does with a store that it reaches.</summary>
internal static class BackEnd
{
    /// <summary>Mints a URL and gives back its path and query, and the blob that it is for.</summary>
    public static async Task<(string Path, string Blob)> Mint(this HttpClient http, object wish)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/presign") { Content = JsonContent.Create(wish) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", StoreProcess.Key);
        using var answer = await http.SendAsync(request);
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return (new Uri(json.RootElement.GetProperty("url").GetString()!).PathAndQuery, json.RootElement.GetProperty("blob_id").GetString()!);
    }

    /// <summary>Stores a blob.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> Store(this HttpClient http, string bucket, byte[] bytes, string type, string? disposition = null)
    {
        var (path, blob) = await http.Mint(new { action = "upload", bucket });
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (disposition is not null)
        {
            _ = content.Headers.TryAddWithoutValidation("content-disposition", disposition);
        }

        using var answer = await http.PostAsync(path, content);
        _ = answer.EnsureSuccessStatusCode();
        return blob;
    }

    public static async Task<HttpResponseMessage> Download(this HttpClient http, string bucket, string blob) =>
        await http.GetAsync((await http.Mint(new { action = "download", bucket, blob_id = blob })).Path, HttpCompletionOption.ResponseHeadersRead);

    /// <summary>The digest of what a download gives.</summary>
    public static async Task<string> DigestOf(this HttpClient http, string bucket, string blob)
    {
        using var answer = await http.Download(bucket, blob);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync()));
    }
}
