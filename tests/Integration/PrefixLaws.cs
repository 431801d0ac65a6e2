using System.Security.Cryptography;
using Borderless.Web.Storage;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Borderless.Tests.Integration;

/// <summary>
/// What is hashed while chunks arrive, against an upload of which one knows which chunks it has. A chunk begins, is stored and is told in
/// three steps, and between any two of them others come.
/// </summary>
public sealed class PrefixLaws
{
    private const int Total = 4;
    private static readonly byte[][] Contents = [[], [1], [1, 2], [3, 1, 2]];

    /// <summary>What may happen next; each is told which of the chunks on their way it is about.</summary>
    public enum Step
    {
        Begin,
        Next,
        Store,
        Tell,
        Fail,
        Drop,
        Merge,
    }

    [Property(MaxTest = 2_000, Arbitrary = [typeof(Stories)])]
    public Property A_merge_never_finds_a_hash_that_is_not_that_of_the_chunks_which_are_there(Story story)
    {
        using var upload = new Upload();
        var (right, used, stale) = (true, 0, 0);
        foreach (var (step, which, position, content) in story.Events)
        {
            upload.Do(step, which, position, content);
            using var found = upload.Prefixes.Copy(upload.Key);
            right &= found is null || upload.IsOfItsChunks(found);
            used += upload.Covers(found) > 1 ? 1 : 0;
            stale += found is not null && upload.Covers(found) == 0 ? 1 : 0;
        }

        return right.Classify(used > 0, "a merge may use it").Classify(stale > 0, "out of date for a while");
    }

    [Property(MaxTest = 500, Arbitrary = [typeof(Stories)])]
    public bool When_nobody_comes_between_chunks_in_order_are_hashed_to_the_last_whatever_was_before(Story story)
    {
        using var upload = new Upload();
        story.Events.Iter(happening => upload.Do(happening.Step, happening.Which, happening.Position, happening.Content));
        upload.FinishAll();
        for (var position = 1; position <= Total; position++)
        {
            upload.Send(position, position - 1);
        }

        using var found = upload.Prefixes.Copy(upload.Key);
        return upload.Covers(found) == Total && upload.IsOfItsChunks(found!);
    }

    [Property(MaxTest = 500)]
    public bool A_list_of_chunks_is_equal_to_those_of_the_same_chunks_and_to_no_other(byte[] left, byte[] right) =>
        (ListOf(left) == ListOf(right)) == left.SequenceEqual(right) && ListOf(left) == ListOf(left);

    [Fact]
    public void As_many_uploads_have_one_as_may_and_the_one_that_grew_longest_ago_gives_way()
    {
        using var prefixes = new Prefixes();
        var keys = Enumerable.Range(0, Prefixes.Most + 1).Select(_ => KeyOf(Guid.CreateVersion7())).ToArray();
        keys.Take(Prefixes.Most).Iter(key => Send(prefixes, key, 1, [1]));
        Send(prefixes, keys[0], 2, [2]);

        Send(prefixes, keys[^1], 1, [1]);

        Assert.Equal(Prefixes.Most, prefixes.Count);
        Assert.Equal([1], Enumerable.Range(0, keys.Length).Where(i => prefixes.Copy(keys[i]) is null));
    }

    [Theory]
    [InlineData(2, new byte[] { 2 }, true)]
    [InlineData(2, new byte[] { 9 }, false)]
    [InlineData(3, new byte[] { 3 }, true)]
    public void The_last_chunk_said_again_changes_nothing_and_one_that_replaces_it_throws_all_away(int position, byte[] again, bool stays)
    {
        using var prefixes = new Prefixes();
        var key = KeyOf(Guid.CreateVersion7());
        Send(prefixes, key, 1, [1]);
        Send(prefixes, key, 2, [2]);

        Send(prefixes, key, position, again);

        Assert.Equal(stays ? 1 : 0, prefixes.Count);
    }

    [Fact]
    public void Of_an_upload_that_is_no_more_nothing_is_kept_and_what_arrives_for_it_begins_nothing()
    {
        using var prefixes = new Prefixes();
        var (key, other) = (KeyOf(Guid.CreateVersion7()), KeyOf(Guid.CreateVersion7()));
        Send(prefixes, key, 1, [1]);
        Send(prefixes, other, 1, [1]);
        var arriving = prefixes.Begin(key, 2)!;
        arriving.Hash.AppendData([2]);

        prefixes.Forget(upload => upload == key);
        prefixes.Adopt(key, 2, ChunkOf([2]), arriving);

        Assert.Equal(1, prefixes.Count);
        Assert.NotNull(prefixes.Copy(other));
    }

    private static MergeKey KeyOf(Guid blob) => new(BucketName.Default, BlobId.From(blob), Total);

    private static Stored ChunkOf(byte[] bytes) => new(bytes.Length, Digest.From(SHA256.HashData(bytes)));

    private static ChunkList ListOf(byte[] bytes) => bytes.Aggregate(ChunkList.Empty, (list, one) => list.Add(ChunkOf([one])));

    private static void Send(Prefixes prefixes, MergeKey key, int position, byte[] bytes)
    {
        var whole = prefixes.Begin(key, position);
        whole?.Hash.AppendData(bytes);
        prefixes.Adopt(key, position, ChunkOf(bytes), whole);
    }

    /// <summary>Events in their order: a step, which of those on their way it is about, and of a new one its position and content.</summary>
    public sealed record Story(IReadOnlyList<(Step Step, int Which, int Position, int Content)> Events);

    public static class Stories
    {
        public static Arbitrary<Story> Story() => Events().ListOf().Select(events => new Story([.. events])).ToArbitrary();

        private static Gen<(Step Step, int Which, int Position, int Content)> Events() =>
            from step in Gen.Frequency(
                (3, Gen.Constant(Step.Begin)), (4, Gen.Constant(Step.Next)), (6, Gen.Constant(Step.Store)), (6, Gen.Constant(Step.Tell)),
                (1, Gen.Constant(Step.Fail)), (1, Gen.Constant(Step.Drop)), (1, Gen.Constant(Step.Merge)))
            from which in Gen.Choose(0, 20)
            from position in Gen.Choose(1, Total)
            from content in Gen.Choose(0, Contents.Length - 1)
            select (step, which, position, content);
    }

    /// <summary>An upload, the chunks that are on their way to it, and those that are stored and not told yet.</summary>
    private sealed class Upload : IDisposable
    {
        private readonly SortedDictionary<int, int> there = [];
        private readonly List<(int Position, int Content, Prefix? Whole)> arriving = [];
        private readonly List<(int Position, int Content, Prefix? Whole)> untold = [];

        public MergeKey Key { get; } = KeyOf(Guid.CreateVersion7());

        public Prefixes Prefixes { get; } = new();

        public void Do(Step step, int which, int position, int content)
        {
            switch (step)
            {
                case Step.Begin:
                    Begin(position, content);
                    break;
                case Step.Next:
                    Begin(Math.Min(there.Count + 1, Total), content);
                    break;
                case Step.Store when Take(arriving, which) is { } stored:
                    there[stored.Position] = stored.Content;
                    untold.Add(stored);
                    break;
                case Step.Tell when Take(untold, which) is { } told:
                    Prefixes.Adopt(Key, told.Position, ChunkOf(Contents[told.Content]), told.Whole);
                    break;
                case Step.Fail when Take(arriving, which) is { } failed:
                    failed.Whole?.Dispose();
                    break;
                case Step.Drop:
                    there.Clear();
                    break;
                case Step.Merge:
                    there.Clear();
                    Prefixes.Forget(upload => upload == Key);
                    break;
            }
        }

        public void Send(int position, int content)
        {
            Begin(position, content);
            FinishAll();
        }

        public void FinishAll()
        {
            while (arriving.Count + untold.Count > 0)
            {
                Do(Step.Store, 0, 0, 0);
                Do(Step.Tell, 0, 0, 0);
            }
        }

        /// <summary>How many of the chunks that are there a merge has not to read; 0 where it must read all.</summary>
        public int Covers(Prefix? found)
        {
            var first = there.TakeWhile((chunk, i) => chunk.Key == i + 1).Take(found?.Chunks.Count ?? 0);
            var list = first.Aggregate(ChunkList.Empty, (list, chunk) => list.Add(ChunkOf(Contents[chunk.Value])));
            return found?.Chunks == list ? list.Count : 0;
        }

        /// <summary>Whether it is the hash of the chunks that are there, where a merge would take it for that.</summary>
        public bool IsOfItsChunks(Prefix found)
        {
            var covered = Covers(found);
            return covered == 0 || found.Hash.GetCurrentHash().SequenceEqual(
                SHA256.HashData(there.Values.Take(covered).SelectMany(content => Contents[content]).ToArray()));
        }

        public void Dispose() => Prefixes.Dispose();

        /// <summary>The bytes go to the hash when the chunk begins, whatever becomes of it.</summary>
        private void Begin(int position, int content)
        {
            var whole = Prefixes.Begin(Key, position);
            whole?.Hash.AppendData(Contents[content]);
            arriving.Add((position, content, whole));
        }

        private static (int Position, int Content, Prefix? Whole)? Take(List<(int Position, int Content, Prefix? Whole)> from, int which)
        {
            if (from.Count == 0)
            {
                return null;
            }

            var taken = from[which % from.Count];
            from.Remove(taken);
            return taken;
        }
    }
}
