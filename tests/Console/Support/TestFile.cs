using System.Security.Cryptography;

namespace Borderless.Tests.Console.Support;

/// <summary>A file on the disk, to be picked in the page; removed at the end.</summary>
internal sealed class TestFile : IDisposable
{
    private TestFile(string path, string sha256) => (Location, Sha256) = (path, sha256);

    public string Location { get; }

    public string Name => Path.GetFileName(Location);

    public string Sha256 { get; }

    /// <summary>So many bytes that no other file has.</summary>
    public static TestFile Of(string name, int size)
    {
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        return Of(name, bytes);
    }

    public static TestFile Of(string name, byte[] bytes)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("borderless-file-").FullName, name);
        File.WriteAllBytes(path, bytes);
        return new TestFile(path, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Location)!, recursive: true);
}
