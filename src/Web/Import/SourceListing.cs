namespace Borderless.Web.Import;

/// <summary>The names in a directory, one after the other; that it cannot be read any further is the last element.</summary>
internal static class SourceListing
{
    public static IEnumerable<Either<string, SourceEntry>> Of(string directory)
    {
        if (SourcePosix.Look(directory).Kind == EntryKind.Missing)
        {
            yield break;
        }

        using var names = new Names(directory);
        while (names.Next().Case is Either<string, SourceEntry> next)
        {
            yield return next;
        }
    }

    private sealed class Names(string directory) : IDisposable
    {
        private IEnumerator<string>? names;
        private bool ended;

        public Option<Either<string, SourceEntry>> Next()
        {
            if (ended)
            {
                return None;
            }

            try
            {
                names ??= Directory.EnumerateFileSystemEntries(directory).GetEnumerator();
                return names.MoveNext() ? Some(Right<string, SourceEntry>(SourcePosix.Look(names.Current))) : None;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                ended = true;
                return Some(Left<string, SourceEntry>($"cannot be listed: {error.Message}"));
            }
        }

        public void Dispose() => names?.Dispose();
    }
}
