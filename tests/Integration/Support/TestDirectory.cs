namespace Borderless.Tests.Integration.Support;

/// <summary>A directory of a test's own, removed at its end.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Root { get; } = TestServer.NewDirectory();

    public string At(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>The files under <c>tmp/</c>.</summary>
    public string[] Temporary() => Directory.Exists(At("tmp")) ? Directory.GetFiles(At("tmp")) : [];

    /// <summary>Name, length, time and digest of every file but the lock, to see that nothing was changed.</summary>
    public string[] Listing() =>
    [
        .. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Where(file => file != At("lock"))
            .Order(StringComparer.Ordinal)
            .Select(file => $"{file} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file):O} {Answers.Sha256(File.ReadAllBytes(file))}"),
    ];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
