using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Borderless.Tests.Integration.Support;

/// <summary>What tests expect of answers.</summary>
internal static class Answers
{
    /// <summary>The answer is the error, in the one form that errors have.</summary>
    public static async Task<JsonElement> ShouldBeError(this Task<HttpResponseMessage> sent, int status, string code)
    {
        using var answer = await sent;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"expected {status} {code}, got {(int)answer.StatusCode} {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        var json = JsonDocument.Parse(text).RootElement;
        Assert.False(json.GetProperty("success").GetBoolean());
        Assert.Equal(code, json.GetProperty("code").GetString());
        Assert.False(string.IsNullOrEmpty(json.GetProperty("message").GetString()));
        Assert.Equal(answer.Headers.GetValues("x-request-id").Single(), json.GetProperty("request_id").GetString());
        return json;
    }

    /// <summary>The answer is 200 and JSON.</summary>
    public static async Task<JsonElement> ShouldBeOk(this Task<HttpResponseMessage> sent)
    {
        using var answer = await sent;
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The answer is 200 and has exactly these bytes.</summary>
    public static async Task ShouldHaveBytes(this Task<HttpResponseMessage> sent, byte[] bytes)
    {
        using var answer = await sent;
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal(bytes.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(Sha256(bytes), Sha256(await answer.Content.ReadAsByteArrayAsync()));
    }

    /// <summary>The answer is 200, whatever its bytes.</summary>
    public static async Task ShouldBeFound(this Task<HttpResponseMessage> sent)
    {
        using var answer = await sent;
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Bytes that look random and are the same every time.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
