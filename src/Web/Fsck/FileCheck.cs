using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>
/// Lists the files of parts into a temporary table, <c>files (directory, sha256, nonce, bytes)</c>, and holds those that no row
/// names, and names that are none of ours, against the index.
/// </summary>
internal sealed class FileCheck(SqliteConnection index, DataLayout layout, IDisk disk, CancellationToken stop)
{
    private const string Remains = "no row names it; the janitor removes it when it is older than ttl_orphan_secs";

    /// <summary>How many files of parts were listed.</summary>
    public long Files { get; private set; }

    /// <summary>Lists everything; the findings are no damage, for what rows miss is found by <see cref="PartCheck"/>.</summary>
    public IEnumerable<Finding> Findings()
    {
        SqliteSchema.Execute(
            index,
            """
            CREATE TEMP TABLE files (
                directory INTEGER NOT NULL, sha256 BLOB NOT NULL, nonce TEXT NOT NULL, bytes INTEGER NOT NULL,
                PRIMARY KEY (directory, sha256, nonce)) WITHOUT ROWID
            """);
        return Temporary().Concat(InParts()).Concat(Unnamed());
    }

    private IEnumerable<Finding> Temporary() => !Directory.Exists(layout.Temporary)
        ? []
        : disk.Directories(layout.Temporary).Select(name => Unknown(layout.Temporary, name))
            .Concat(disk.Files(layout.Temporary).Select(file =>
                file.Name.EndsWith(DataLayout.TemporarySuffix, StringComparison.Ordinal)
                    ? new Finding(FindingKind.StrayFile, $"{file.Bytes} bytes; {Remains}") { Path = Relative(layout.Temporary, file.Name) }
                    : Unknown(layout.Temporary, file.Name)));

    private IEnumerable<Finding> InParts()
    {
        foreach (var file in disk.Files(layout.Parts).Where(file => Path.Combine(layout.Parts, file.Name) != layout.PartsIdentity))
        {
            yield return Unknown(layout.Parts, file.Name);
        }

        using var insert = new Statement(index.Handle!, "INSERT INTO files VALUES (?1, ?2, ?3, ?4)");
        foreach (var name in disk.Directories(layout.Parts))
        {
            stop.ThrowIfCancellationRequested();
            var number = DataLayout.ParsePartDirectory(name).Filter(number => layout.PartDirectory(number) == Path.Combine(layout.Parts, name));
            var findings = number.Match(Some: known => InDirectory(known, insert), None: () => [Unknown(layout.Parts, name)]);
            foreach (var finding in findings)
            {
                yield return finding;
            }
        }
    }

    private IEnumerable<Finding> InDirectory(int number, Statement insert)
    {
        var path = layout.PartDirectory(number);
        foreach (var name in disk.Directories(path))
        {
            yield return Unknown(path, name);
        }

        foreach (var file in disk.Files(path))
        {
            if (DataLayout.ParsePartName(file.Name).Case is (Digest sha256, string nonce))
            {
                _ = insert.Run(number, sha256.Bytes.ToArray(), nonce, file.Bytes);
                Files++;
            }
            else
            {
                yield return Unknown(path, file.Name);
            }
        }
    }

    /// <summary>
    /// Files that no row names where they are. A row with this very digest and nonce that says another directory has lost its file
    /// to this place.
    /// </summary>
    private IEnumerable<Finding> Unnamed() =>
        index.Rows(
            """
            SELECT f.directory, f.sha256, f.nonce, f.bytes, p.directory FROM files f
            LEFT JOIN parts p ON p.prefix = prefix_of(f.sha256) AND p.sha256 = f.sha256 AND p.nonce = f.nonce
            WHERE p.directory IS NOT f.directory
            """).Select(row =>
        {
            stop.ThrowIfCancellationRequested();
            var (digest, nonce) = (Digest.From(row.Bytes(1)), row.GetString(2));
            var path = Relative(layout.PartFile(digest, new PartPlace.File(row.GetInt32(0), nonce)));
            return row.Number(4) is { } said
                ? new Finding(
                    FindingKind.MisplacedFile,
                    $"its row says {Relative(layout.PartFile(digest, new PartPlace.File((int)said, nonce)))}; move it there, then run fsck --deep --repair")
                { Path = path }
                : new Finding(FindingKind.StrayFile, $"{row.GetInt64(3)} bytes; {Remains}") { Path = path };
        });

    private Finding Unknown(string directory, string name) =>
        new(FindingKind.UnknownName, "it is none of the store's, and is left alone") { Path = Relative(directory, name) };

    private string Relative(string directory, string name) => Relative(Path.Combine(directory, name));

    private string Relative(string path) => Path.GetRelativePath(layout.Root, path);
}
