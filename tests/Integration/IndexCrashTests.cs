using System.Collections.Concurrent;
using Borderless.Tests.Integration.Simulation;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Tests.Integration;

/// <summary>The real index, crashed while it commits for several writers: the same promises as its model keeps in the simulation.</summary>
public sealed class IndexCrashTests
{
    private const int Crashes = 300;
    private const int Writers = 6;

    /// <summary>Each writer has a few blobs of its own, so that it knows what they are.</summary>
    private const int Blobs = 4;

    /// <summary>Behind the digest of a blob that was stored through a URL that stores once.</summary>
    private const string Used = " once";

    [Fact]
    public async Task After_each_of_hundreds_of_crashes_in_a_commit_the_index_has_what_was_acknowledged_and_nothing_half()
    {
        var crashed = await Crash(image => image);

        Assert.Empty(crashed.Problems);
        Assert.Equal(Crashes, crashed.Before + crashed.After);
        Assert.True(crashed.Before > 20, $"only {crashed.Before} crashes undid the running commit");
        Assert.True(crashed.After > 20, $"only {crashed.After} crashes left the running commit done");
    }

    /// <summary>The control: were a commit acknowledged before its last page was synced, the same test would tell.</summary>
    [Fact]
    public async Task A_commit_that_is_acknowledged_before_its_sync_is_found() =>
        Assert.NotEmpty((await Crash(image => image.WithoutLastSync())).Problems);

    private static async Task<CrashedIndex> Crash(Func<CrashImage, CrashImage> taken)
    {
        var journal = new ConcurrentDictionary<Guid, string>();
        CrashedIndex? crashed = null;
        using var store = new TestStore(index => crashed = new CrashedIndex(index, Crashes, journal, taken));
        crashed!.Path = store.Layout.IndexPath;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(store, crashed, journal, writer))));
        return crashed;
    }

    private static async Task Write(TestStore store, CrashedIndex crashed, ConcurrentDictionary<Guid, string> journal, int writer)
    {
        var random = new Random(writer);
        var ids = Enumerable.Range(0, Blobs).Select(i => new Guid(writer, (short)i, 0, new byte[8])).ToArray();
        while (!crashed.IsDone)
        {
            var id = ids[random.Next(Blobs)];

            // While it is under way nobody knows.
            _ = journal.TryRemove(id, out _);
            var body = Answers.Bytes(random.Next(1, 9_000), random.Next(30));
            switch (random.Next(10))
            {
                case 0:
                    _ = await store.Delete(id);
                    journal[id] = "";
                    break;
                case 1:
                    var garbage = store.Index.Garbage(0, 100);
                    _ = await store.Committer.Commit(tx => Decisions.Reap(tx, garbage, _ => false));
                    journal[id] = Seen(store.Index, id);
                    break;
                case 2:
                    Assert.True((await store.PutChunk(Guid.NewGuid(), 1, 2, TestStore.Inline(body))).IsRight);
                    journal[id] = Seen(store.Index, id);
                    break;
                case 3 or 4:
                    byte[] single = [.. body, .. Guid.NewGuid().ToByteArray()];
                    Assert.True((await store.PutOnce(id, TestStore.Inline(single), Answers.Sha256(single))).IsRight);
                    journal[id] = Answers.Sha256(single) + Used;
                    break;
                default:
                    Assert.True((await store.Put(id, TestStore.Inline(body), WriteMode.Replace)).IsRight);
                    journal[id] = Answers.Sha256(body);
                    break;
            }
        }
    }

    /// <summary>A blob's digest, and whether the URL that is named after it has stored.</summary>
    private static string Seen(IIndex index, Guid id) =>
        index.FindBlob(BucketName.Default, BlobId.From(id))?.Blob.Sha256.ToString() is { } digest
            ? digest + (index.FindSpent(BucketName.Default, BlobId.From(id), digest) is { } spent && spent.Blob.Sha256.ToString() == digest ? Used : "")
            : "";

    /// <summary>Before a commit it copies the index, after it it makes a crash in the commit of the copy, and looks what is left.</summary>
    private sealed class CrashedIndex(
        IIndex index, int crashes, ConcurrentDictionary<Guid, string> journal, Func<CrashImage, CrashImage> taken)
        : PassingIndex(index)
    {
        private readonly Random random = new(1);
        private readonly IIndex live = index;
        private readonly Dictionary<string, SafeFileHandle> handles = [];

        public string Path { get; set; } = "";

        public ConcurrentQueue<string> Problems { get; } = [];

        /// <summary>Crashes that undid the running commit.</summary>
        public int Before { get; private set; }

        /// <summary>Crashes that left it done.</summary>
        public int After { get; private set; }

        public bool IsDone => Before + After >= crashes || !Problems.IsEmpty;

        public override T Commit<T>(Func<ITransaction, T> work)
        {
            if (IsDone)
            {
                return base.Commit(work);
            }

            var (acknowledged, before) = (journal.ToArray(), Everything(live));
            var image = taken(new CrashImage(Read(""), Read("-wal")));
            var result = base.Commit(work);
            var (after, log) = (Everything(live), Read("-wal"));
            if (image.GoesOnIn(log))
            {
                Crash(image, log, acknowledged, before, after);
            }

            return result;
        }

        public override void Dispose()
        {
            base.Dispose();
            handles.Values.Iter(handle => handle.Dispose());
        }

        private void Crash(CrashImage image, byte[] log, KeyValuePair<Guid, string>[] acknowledged, string before, string after)
        {
            using var home = new TestDirectory();
            var path = home.At("metadata.db");
            File.WriteAllBytes(path, image.DatabaseTorn(random));
            File.WriteAllBytes(path + "-wal", image.LogCutIn(log, random));
            try
            {
                using var left = new SqliteIndex(path, strict: true, TimeProvider.System, new CapturedLog().Logger);
                Audit.Books(path, left);
                var found = Everything(left);
                Assert.True(found == before || found == after, $"neither what was before:\n{before}\nnor what was after:\n{after}\nbut:\n{found}");
                Assert.All(acknowledged, blob => Assert.Equal(blob.Value, Seen(left, blob.Key)));
                _ = found == before ? Before++ : After++;
            }
#pragma warning disable CA1031 // The committer would take it for a failure of its own; the test is to hear of it.
            catch (Exception problem)
            {
                Problems.Enqueue($"{problem}");
            }
#pragma warning restore CA1031
        }

        /// <summary>All that a reader can see.</summary>
        private static string Everything(IIndex index) => string.Join('\n',
        [
            $"{index.Counts().Totals}",
            .. index.Buckets().Select(bucket => $"{bucket}"),
            .. index.List(null, null, 1000, 0).Select(blob => $"{blob.Blob} {Seen(index, blob.Blob.Value)} {string.Join(' ', blob.Row.Manifest)}"),
            .. index.UploadsUntouchedSince(long.MaxValue).Select(upload => $"{upload.Key}"),
            .. index.Garbage(0, 1000).Select(part => $"garbage {part.Id}"),
        ]);

        /// <summary>
        /// Through a handle that stays open for as long as the index does: closing one would give up the locks that the library holds
        /// on the file in this process.
        /// </summary>
        private byte[] Read(string suffix)
        {
            if (!handles.TryGetValue(suffix, out var handle))
            {
                handles[suffix] = handle = File.OpenHandle(Path + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }

            var bytes = new byte[RandomAccess.GetLength(handle)];
            return bytes[..RandomAccess.Read(handle, bytes, 0)];
        }
    }
}
