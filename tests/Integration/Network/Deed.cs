using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Network;

/// <summary>A request that a bad network may spoil, and what must hold after it.</summary>
internal abstract class Deed(TestServer server)
{
    public enum Kind
    {
        Upload,
        UploadInPieces,
        Chunk,
        Merge,
        Download,
    }

    protected static readonly byte[] Old = Answers.Bytes(200_000, 1);
    protected static readonly byte[] New = Answers.Bytes(300_000, 2);

    protected Guid Blob { get; } = Guid.CreateVersion7();

    protected TestServer Server => server;

    /// <summary>Where in the answer things happen to it, in bytes.</summary>
    public virtual IReadOnlyList<long> InAnswer => [0, 40, 250];

    /// <summary>The request's id, which the log tells.</summary>
    public string Id => $"deed-{Blob}";

    public static Deed Of(Kind kind, TestServer server) => kind switch
    {
        Kind.Upload => new Upload(server, inPieces: false),
        Kind.UploadInPieces => new Upload(server, inPieces: true),
        Kind.Chunk => new Chunk(server),
        Kind.Merge => new Merge(server),
        Kind.Download => new Download(server),
    };

    /// <summary>Makes what is there before the request, and the request.</summary>
    public abstract Task<byte[]> Prepare();

    /// <summary>What the request was to change is as before, or as it was to be; the latter if the client was told so.</summary>
    /// <param name="answer">The answer, if it came whole.</param>
    /// <param name="heard">All that the client heard.</param>
    /// <param name="arrived">Whether the request may have come whole to the server.</param>
    public abstract Task ShouldBeBeforeOrWhole(RawAnswer? answer, byte[] heard, bool arrived);

    protected byte[] Request(string method, string path, byte[] body, params string[] headers) =>
        Caller.Request(method, server.Signed(method, path), body, [.. headers, $"x-request-id: {Id}"]);

    /// <summary>The bytes are the new ones, or, unless those were acknowledged, the old ones; without a request the old ones.</summary>
    protected static void ShouldBeEither(string sha256, RawAnswer? answer, bool arrived)
    {
        var permitted = !arrived ? [Old] : answer?.Status == 200 ? [New] : new[] { Old, New };
        Assert.Contains(sha256, permitted.Select(Answers.Sha256));
        Assert.True(arrived || answer?.Status != 200, "a request that did not arrive was acknowledged");
    }

    private sealed class Upload(TestServer server, bool inPieces) : Deed(server)
    {
        public override async Task<byte[]> Prepare()
        {
            _ = await Server.Upload(Blob, Old).ShouldBeOk();
            return inPieces
                ? Caller.RequestInPieces("PUT", Server.Signed("PUT", $"/upload/{Blob}"), New, $"x-request-id: {Id}")
                : Request("PUT", $"/upload/{Blob}", New);
        }

        public override async Task ShouldBeBeforeOrWhole(RawAnswer? answer, byte[] heard, bool arrived)
        {
            using var read = await Server.Download(Blob);
            ShouldBeEither(Answers.Sha256(await read.Content.ReadAsByteArrayAsync()), answer, arrived);
        }
    }

    private sealed class Chunk(TestServer server) : Deed(server)
    {
        public override async Task<byte[]> Prepare()
        {
            _ = await Server.Chunk(Blob, 1, 2, Old).ShouldBeOk();
            _ = await Server.Chunk(Blob, 2, 2, Old).ShouldBeOk();
            return Request("POST", $"/upload/{Blob}", New, "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2");
        }

        public override async Task ShouldBeBeforeOrWhole(RawAnswer? answer, byte[] heard, bool arrived)
        {
            var (_, chunks) = Server.Store.Index.FindUpload(BucketName.Default, BlobId.From(Blob), 2)!.Value;
            var first = chunks.Single(chunk => chunk.Position == 1).Sha256.ToString();
            ShouldBeEither(first, answer, arrived);
            _ = await Server.Merge(Blob, 2).ShouldBeOk();
            await Server.Download(Blob).ShouldHaveBytes([.. first == Answers.Sha256(Old) ? Old : New, .. Old]);
        }
    }

    private sealed class Merge(TestServer server) : Deed(server)
    {
        public override async Task<byte[]> Prepare()
        {
            _ = await Server.Chunk(Blob, 1, 2, Old).ShouldBeOk();
            _ = await Server.Chunk(Blob, 2, 2, New).ShouldBeOk();
            return Request("POST", $"/upload/{Blob}", [], "x-upload-type: chunked", "x-chunk-merge: true", "x-chunk-total: 2");
        }

        public override async Task ShouldBeBeforeOrWhole(RawAnswer? answer, byte[] heard, bool arrived)
        {
            byte[] whole = [.. Old, .. New];
            var index = Server.Store.Index;
            var merged = index.FindBlob(BucketName.Default, BlobId.From(Blob));
            var waiting = index.FindUpload(BucketName.Default, BlobId.From(Blob), 2)?.Chunks.Count ?? 0;
            Assert.Equal(merged is null ? 2 : 0, waiting);
            Assert.True(merged is not null || answer?.Status != 200, "a merge was acknowledged that did not happen");
            Assert.True(merged is null || arrived, "a merge happened that did not arrive");

            _ = await Server.Merge(Blob, 2).ShouldBeOk();
            await Server.Download(Blob).ShouldHaveBytes(whole);
        }
    }

    private sealed class Download(TestServer server) : Deed(server)
    {
        /// <summary>More than all buffers on the way take, so that a reader who stops is felt.</summary>
        private static readonly byte[] Large = Answers.Bytes(8 << 20, 3);

        public override IReadOnlyList<long> InAnswer => [0, 40, 2 << 20];

        public override async Task<byte[]> Prepare()
        {
            _ = await Server.Upload(Blob, Large).ShouldBeOk();
            return Request("GET", $"/files/{Blob}", []);
        }

        public override async Task ShouldBeBeforeOrWhole(RawAnswer? answer, byte[] heard, bool arrived)
        {
            if (heard.AsSpan().IndexOf("\r\n\r\n"u8) is var end and > 0 && RawAnswer.OfHead(Encoding.Latin1.GetString(heard[..end])).Status == 200)
            {
                var body = heard.AsSpan(end + 4);
                Assert.True(body.SequenceEqual(Large.AsSpan(0, body.Length)), "other bytes were sent");
            }

            Assert.True(answer is not { Status: 200 } || answer.Body.Length == Large.Length, "a cut download looked whole");
            await Server.Download(Blob).ShouldHaveBytes(Large);
        }
    }
}
