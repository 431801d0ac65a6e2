namespace Borderless.Tests.Integration.Faults;

/// <summary>All faults that are tried, as the README tells them.</summary>
internal static class FaultTable
{
    public const string Head = "| what fails | clients | log | readable | recovery |\n|---|---|---|---|---|";

    private const string Unavailable = "503 storage_unavailable";
    private const string Full = "507 insufficient_storage";
    private const string Refused = "an upload was refused because the disk failed";
    private const string NotCommitted = "the index failed to commit";
    private const string NoRoom = "there is no room to commit";

    private static readonly string[] Directories = ["parts", .. Enumerable.Range(1, 20).Select(i => $"parts/{i:D4}")];
    private static readonly string[] Log = ["metadata.db-wal"];

    public static readonly IReadOnlyList<Fault> All =
    [
        new(
            "uploads fill the disk",
            "uploads 507; reads, deletes go on, and merges while the index has room in `min_free_bytes`; `disk_full`",
            "the requests' lines",
            "everything",
            "by itself, within 10 s of deletes",
            [("uploads fill the disk", FullDisk.OfBytes)]),
        new(
            "another program fills the disk to the last byte",
            "uploads 507, merges too where they need room; reads, deletes go on; `disk_full`",
            $"`{NoRoom}`, once a commit needs some",
            "everything",
            "by itself, within 10 s of deletes that make room for ballast and `min_free_bytes`",
            [("another program fills the disk to the last byte", FullDisk.OfBytesByAnother)]),
        new(
            "the disk takes no more files",
            "uploads of files 507; small ones, reads, merges, deletes go on; `disk_full`",
            $"`{Refused}`",
            "everything",
            "by itself, within 10 s of deletes",
            [("uploads use up the disk's files", FullDisk.OfFiles), ("another program uses up the disk's files", FullDisk.OfFilesByAnother)]),
        new(
            "EIO in the write, sync or rename of a file, or the sync of a directory",
            "uploads of files 503; small ones, reads, merges, deletes go on; `disk_failed`",
            $"`{Refused}`, with the call",
            "everything",
            "by itself, within 10 s",
            [
                ("EIO in the write of a file", File("pwritev:error=EIO", Unavailable, "503 disk_failed")),
                ("EIO in the sync of a file", File("fdatasync:error=EIO", Unavailable, "503 disk_failed")),
                ("EIO in the rename of a file", File("rename:error=EIO", Unavailable, "503 disk_failed")),
                ("EIO in the sync of a directory", File("fsync:error=EIO", Unavailable, "503 disk_failed", Directories)),
            ]),
        new(
            "ENOSPC there",
            "uploads of files 507; small ones, reads, merges, deletes go on",
            $"`{Refused}`, with the call",
            "everything",
            "at once",
            [
                ("ENOSPC in the write of a file", File("pwritev:error=ENOSPC", Full, "200")),
                ("ENOSPC in the sync of a file", File("fdatasync:error=ENOSPC", Full, "200")),
                ("ENOSPC in the rename of a file", File("rename:error=ENOSPC", Full, "200")),
                ("ENOSPC in the sync of a directory", File("fsync:error=ENOSPC", Full, "200", Directories)),
            ]),
        new(
            "EIO in the write or sync of the index's log",
            "all writes 503, reads go on; `index_unavailable`",
            $"`{NotCommitted}`",
            "everything",
            "by itself, within 10 s: the index is closed, reopened and read again",
            [
                ("EIO in the write of the log", Index("pwrite64:error=EIO", Unavailable, Unavailable, "503 index_unavailable", NotCommitted)),
                ("EIO in the sync of the log", Index("fsync,fdatasync:error=EIO", Unavailable, Unavailable, "503 index_unavailable", NotCommitted)),
            ]),
        new(
            "ENOSPC in its write, and the ballast's room does not help",
            "all writes 507, reads go on; `disk_full`",
            $"`{NoRoom}`",
            "everything",
            "by itself, within 10 s",
            [("ENOSPC in the write of the log", Index("pwrite64:error=ENOSPC", Full, Full, "503 disk_full", NoRoom))]),
        new(
            "ENOSPC in its sync",
            "the first write 507, then all 503; reads go on; `disk_full`, `index_unavailable`",
            $"`{NotCommitted}`",
            "everything",
            "by itself, within 10 s",
            [("ENOSPC in the sync of the log", Index("fsync,fdatasync:error=ENOSPC", Full, Unavailable, "503 disk_full index_unavailable", NotCommitted))]),
        new(
            "the file system turns read-only",
            "all writes 503, reads go on; `disk_failed`, `index_unavailable`; no start",
            $"`{Refused}`, `{NotCommitted}`",
            "everything",
            "mend the file system, then start",
            [("the file system turns read-only", LostFiles.ReadOnly)]),
        new(
            "`parts/` is gone, or another store's",
            "uploads and reads of files 503; small reads, deletes go on; `disk_failed`; no start",
            "`mount or restore the parts directory`",
            "small bodies",
            "by itself, within 10 s of its return; nothing was marked damaged, nothing came into the other's directory",
            [
                ("`parts/` is gone", trial => LostFiles.NoParts(trial, another: false)),
                ("`parts/` is another store's", trial => LostFiles.NoParts(trial, another: true)),
            ]),
        new(
            "the index is emptied, cut or garbage at the start",
            "the server ends with 1 and changes nothing",
            "`missing or is no part of a store`, and the remedy",
            "nothing",
            "put the index back",
            [
                ("the index is emptied at the start", trial => LostFiles.BrokenIndex(trial, LostFiles.Empty)),
                ("the index is cut to half at the start", trial => LostFiles.BrokenIndex(trial, LostFiles.Halve)),
                ("the index is garbage at the start", trial => LostFiles.BrokenIndex(trial, LostFiles.Garble)),
            ]),
        new(
            "the same under a running server",
            "all requests for blobs 503; `index_unavailable`; no start",
            "`the index cannot be read`",
            "nothing",
            "put the index back, without its `-wal` and `-shm`, then start",
            [
                ("the index is emptied while it runs", trial => LostFiles.BrokenIndexWhileRunning(trial, LostFiles.Empty)),
                ("the index is cut to half while it runs", trial => LostFiles.BrokenIndexWhileRunning(trial, LostFiles.Halve)),
                ("the index is garbage while it runs", trial => LostFiles.BrokenIndexWhileRunning(trial, LostFiles.Garble)),
            ]),
    ];

    private static Func<Trial, Task> File(string injection, string answer, string ready, params string[] paths) =>
        new InjectedFault(injection, paths, First: "200", Files: answer, Rows: "200", ready, Refused).Try;

    private static Func<Trial, Task> Index(string injection, string first, string later, string ready, string log) =>
        new InjectedFault(injection, Log, first, later, later, ready, log).Try;
}
