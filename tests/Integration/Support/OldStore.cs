using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Borderless.Web.Import;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Tests.Integration.Support;

/// <summary>A blob as a fixture's .json tells of it.</summary>
internal sealed record OldBlob(string bucket, string blob_id, long size, string sha256, string? content_type, string? content_disposition);

/// <summary>A real data directory of the Rust original, unpacked for one test, and an empty directory to move in to.</summary>
internal sealed class OldStore : IDisposable
{
    public const string OldLayout = "rust-0.1.0";
    public const string NewLayout = "rust-0.3.3";

    private readonly TestDirectory directory = new();

    public OldStore(string fixture = NewLayout)
    {
        using var packed = new GZipStream(File.OpenRead(Fixture(fixture + ".tar.gz")), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(packed, directory.Root, overwriteFiles: false);
        Root = directory.At(fixture);
        DataDir = Directory.CreateDirectory(directory.At("data")).FullName;
        Blobs = JsonSerializer.Deserialize<Told>(File.ReadAllText(Fixture(fixture + ".json")))!.blobs;
    }

    /// <summary>The old directory.</summary>
    public string Root { get; }

    public string DataDir { get; }

    public string Above => directory.Root;

    public IReadOnlyList<OldBlob> Blobs { get; }

    /// <summary>A blob of the newest layout whose row has all there is.</summary>
    public OldBlob Hello => Blobs[0];

    public string At(string path) => Path.Combine(Root, path);

    public string Content(string sha256) => At($"content/{sha256}");

    public string Name(OldBlob blob) => At($"buckets/{blob.bucket}/{blob.blob_id}");

    /// <summary>Runs SQL on the old index.</summary>
    public void Sql(string sql)
    {
        using var connection = SqliteSchema.Open(At("metadata.db"), SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, sql);
    }

    /// <summary>Kind, length, times, target and digest of every name, to see that nothing was changed.</summary>
    public string[] Listing() =>
    [
        .. new DirectoryInfo(Root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(new DirectoryInfo(Root))
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Select(entry =>
                $"{entry.FullName} {SourcePosix.Look(entry.FullName)} {entry.LinkTarget} {entry.UnixFileMode} {entry.LastWriteTimeUtc:O} "
                + (SourcePosix.Look(entry.FullName).Kind == EntryKind.File ? Answers.Sha256(File.ReadAllBytes(entry.FullName)) : "")),
    ];

    /// <summary>Imports in this process.</summary>
    public Task<Either<StartProblem, ImportReport>> TryImport(
        bool link = false, string? index = null, int inlineMaxBytes = 16_384, (string Old, string New)[]? renames = null,
        ShowProgress? show = null, CancellationToken stop = default) =>
        ImportCommand.Run(
            new ImportRequest(
                Root, link, toHashMap((renames ?? []).Select(rename => (rename.Old, BucketName.Parse(rename.New).IfLeft(BucketName.Default)))),
                new StorageSettings(DataDir, Optional(index), Durability.Strict, inlineMaxBytes, CreateBucketSymlinks: false, None, 0)),
            new PosixDisk(), TimeProvider.System, Serilog.Core.Logger.None, show ?? ((_, _) => { }), stop);

    public async Task<ImportReport> Import(bool link = false, int inlineMaxBytes = 16_384, params (string Old, string New)[] renames) =>
        (await TryImport(link, inlineMaxBytes: inlineMaxBytes, renames: renames)).IfLeft(problem => throw new InvalidOperationException(problem.Message));

    /// <summary>What the store has under a name, read once the import has let go of it.</summary>
    public BlobRow? Find(string bucket, string id)
    {
        using var index = new SqliteIndex(Path.Combine(DataDir, "metadata.db"), strict: true, TimeProvider.System, Serilog.Core.Logger.None);
        return index.FindBlob(BucketName.Parse(bucket).IfLeft(BucketName.Default), BlobId.From(Guid.Parse(id)))?.Blob;
    }

    public static string NewId() => Guid.CreateVersion7().ToString();

    public void Dispose() => directory.Dispose();

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    private sealed record Told(OldBlob[] blobs);
}
