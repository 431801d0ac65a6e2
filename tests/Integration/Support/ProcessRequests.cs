using System.Net.Sockets;
using System.Text.Json;

namespace Borderless.Tests.Integration.Support;

/// <summary>Requests to a server that may be killed, or fail, while it answers.</summary>
internal static class ProcessRequests
{
    /// <summary>
    /// Sends a request under a signed URL and reads the answer to its end; null when there is none, or half of one. A connection that is
    /// reset as soon as it is made comes out of the client as the bare error of its socket.
    /// </summary>
    public static async Task<Answer?> Ask(
        this ServerProcess server, string method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), ServerProcess.Signed(method, path));
        request.Content = body is null ? null : new ByteArrayContent(body);
        headers.Iter(header => request.Headers.Add(header.Name, header.Value));
        try
        {
            using var answer = await server.Http.SendAsync(request);
            return new Answer((int)answer.StatusCode, answer.Headers.ETag?.ToString(), await answer.Content.ReadAsByteArrayAsync());
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Asks for a URL to upload through, or as the JSON says, and reads the answer whatever it is.</summary>
    public static async Task<string> Presigned(this ServerProcess server, string key, string json = """{"action":"upload"}""")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/presign") { Content = new StringContent(json) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", key);
        using var answer = await server.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Path and query of a URL to upload through.</summary>
    public static async Task<string> Minted(this ServerProcess server, string key) =>
        new Uri(JsonDocument.Parse(await server.Presigned(key)).RootElement.GetProperty("url").GetString()!).PathAndQuery;
}
