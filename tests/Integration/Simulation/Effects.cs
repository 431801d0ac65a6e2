using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>What each operation means, as the README tells a client: from the state before to the state after and the answer.</summary>
internal static class Effects
{
    public static Func<KeyState, (KeyState After, string Answer)> Put(int content, WriteMode mode) => state =>
        IsRefused(state, mode) ? (state, "duplicate_blob") : (state with { Blob = $"{content}", Merged = 0 }, Stored($"{content}"));

    public static Func<KeyState, (KeyState After, string Answer)> Chunk(int total, int position, int content, WriteMode mode) => state =>
        IsRefused(state, mode)
            ? (state, "duplicate_blob")
            : (state with { Chunks = state.Chunks.SetItem((total, position), content) }, Stored($"{content}"));

    public static Func<KeyState, (KeyState After, string Answer)> Merge(int total, WriteMode mode) => state =>
    {
        var chunks = state.Chunks.Where(chunk => chunk.Key.Total == total).ToArray();
        if (state.Blob is not null && state.Merged == total && chunks.Length == 0)
        {
            return (state, Stored(state.Blob));
        }

        if (IsRefused(state, mode) || chunks.Length < total)
        {
            return (state, IsRefused(state, mode) ? "duplicate_blob" : "chunks_missing");
        }

        var whole = string.Join('+', chunks.Select(chunk => chunk.Value));
        return (state.Without(total) with { Blob = whole, Merged = total }, Stored(whole));
    };

    public static (KeyState After, string Answer) Delete(KeyState state) => state switch
    {
        { Blob: not null } => (state with { Blob = null, Merged = 0 }, "deleted"),
        { Chunks.Count: > 0 } => (KeyState.Nothing, $"dropped {state.Chunks.Count}"),
        _ => (state, "no_such_blob"),
    };

    public static (KeyState After, string Answer) Read(KeyState state) => (state, state.Blob is null ? "no_such_blob" : Stored(state.Blob));

    /// <summary>The janitor drops an upload that nobody continues.</summary>
    public static Func<KeyState, (KeyState After, string Answer)> Drop(int total) => state => (state.Without(total), "dropped");

    /// <summary>What a client is told of bytes: their digest.</summary>
    public static string Stored(string contents) => Stored(Contents.DigestOf(contents));

    public static string Stored(Digest digest) => digest.ToString();

    private static bool IsRefused(KeyState state, WriteMode mode) => state.Blob is not null && mode == WriteMode.Create;
}
