namespace Borderless.Tests.Integration.Trace;

/// <summary>
/// One transaction in the index's log, as SQLite writes it (file format, section 4.1): frames of a header of 24 bytes and a page,
/// where the header of the last frame names the size of the database.
/// </summary>
/// <param name="Begun">The line at which its first frame was begun.</param>
/// <param name="Written">The line at which its last frame had been written.</param>
/// <param name="Synced">The line at which a sync had returned that began after that, or null when none did.</param>
/// <param name="Pages">The bytes of its pages, one character each.</param>
internal sealed record LogCommit(int Begun, int Written, int? Synced, string Pages)
{
    private const int FrameHeader = 24;

    public static IReadOnlyList<LogCommit> In(IReadOnlyList<SystemCall> calls)
    {
        var ofLog = calls.Where(call => call.Succeeded && call.Target.EndsWith("-wal", StringComparison.Ordinal)).ToArray();
        var syncs = ofLog.Where(call => call.Name is "fsync" or "fdatasync").ToArray();
        var commits = new List<LogCommit>();
        var frames = new List<SystemCall>();
        var isLast = false;
        foreach (var write in ofLog.Where(call => call.Name == "pwrite64"))
        {
            if (write.Number == FrameHeader)
            {
                isLast = write.Data[4..8] != "\0\0\0\0";
                frames.Add(write);
            }
            else if (frames.Count > 0)
            {
                frames.Add(write);
                if (isLast)
                {
                    commits.Add(new LogCommit(
                        frames[0].Begun,
                        write.Done,
                        syncs.FirstOrDefault(sync => sync.Begun > write.Done)?.Done,
                        string.Concat(frames.Where(frame => frame.Number > FrameHeader).Select(frame => frame.Data))));
                    frames.Clear();
                }
            }
        }

        return commits;
    }
}
