using System.Buffers.Binary;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Serilog.Core;

namespace Borderless.Tests.Integration;

/// <summary>How a store gets its identity, and how a first start that was cut off is taken up.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Fact]
    public void A_first_start_makes_the_identity_and_a_second_finds_it()
    {
        var id = OpenAndClose();

        Assert.Contains(id, File.ReadAllText(directory.At("store.json")), StringComparison.Ordinal);
        Assert.Equal(id, File.ReadAllText(directory.At("parts/.store")).Trim());
        Assert.Equal(["metadata.db", "store.json"], Directory.GetFiles(directory.Root).Select(Path.GetFileName).Except(["lock", "gc.lock", "ballast", "metadata.db-wal", "metadata.db-shm"]).Order(StringComparer.Ordinal));
        Assert.Equal(id, OpenAndClose());
    }

    [Theory]
    [InlineData("store.json")]
    [InlineData("store.json parts/.store")]
    [InlineData("store.json parts/.store metadata.db")]
    [InlineData("store.json parts/.store metadata.db parts")]
    [InlineData("store.json parts/.store metadata.db parts tmp lock")]
    public void A_first_start_that_was_cut_off_is_taken_up(string missing)
    {
        var id = OpenAndClose();
        foreach (var name in missing.Split(' '))
        {
            if (Directory.Exists(directory.At(name)))
            {
                Directory.Delete(directory.At(name));
            }

            File.Delete(directory.At(name));
        }

        var again = OpenAndClose();

        Assert.Equal(!missing.Contains("metadata.db", StringComparison.Ordinal), again == id);
        Assert.Equal(again, OpenAndClose());
    }

    [Theory]
    [InlineData("metadata.db")]
    [InlineData("metadata.db.new")]
    public void What_a_cut_off_start_left_of_an_index_is_made_again(string name)
    {
        _ = Directory.CreateDirectory(directory.At("parts"));
        _ = directory.Write(name, "");
        _ = directory.Write(name + "-journal", "the rest of a journal");

        Assert.Equal(OpenAndClose(), OpenAndClose());
        Assert.Equal(
            ["ballast", "gc.lock", "lock", "metadata.db", "metadata.db-shm", "metadata.db-wal", "store.json"],
            Directory.GetFiles(directory.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_temporary_identity_of_a_cut_off_start_is_made_again()
    {
        var id = OpenAndClose();
        File.Move(directory.At("store.json"), directory.At("store.json.new"));

        Assert.Equal(id, OpenAndClose());
        Assert.False(File.Exists(directory.At("store.json.new")));
    }

    [Fact]
    public void A_crash_while_the_log_is_written_back_is_no_mismatch()
    {
        const int buckets = 200;
        var id = OpenAndClose();
        using (var connection = SqliteSchema.Open(directory.At("metadata.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
        {
            SqliteSchema.Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
            SqliteSchema.Execute(
                connection,
                $"""
                WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < {buckets})
                INSERT INTO buckets (name, created_at) SELECT hex(randomblob(500)), 0 FROM i
                """);
            var file = File.ReadAllBytes(directory.At("metadata.db"));

            // Its first page, which has the number of pages at offset 28, was written back, and no more.
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(28), (int)SqliteSchema.Number(connection, "PRAGMA page_count"));
            File.WriteAllBytes(directory.At("crashed"), file);
            File.Copy(directory.At("metadata.db-wal"), directory.At("crashed-wal"));
        }

        Assert.False(File.Exists(directory.At("metadata.db-wal")));
        File.Move(directory.At("crashed"), directory.At("metadata.db"), overwrite: true);
        File.Move(directory.At("crashed-wal"), directory.At("metadata.db-wal"));

        Assert.Equal(id, OpenAndClose());
        using var after = SqliteSchema.Open(directory.At("metadata.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        Assert.Equal(buckets, SqliteSchema.Number(after, "SELECT count(*) FROM buckets"));
    }

    [Fact]
    public void A_lock_that_cannot_be_written_is_a_problem_and_no_crash()
    {
        _ = Directory.CreateDirectory(directory.At("lock"));

        Assert.Contains(directory.At("lock"), Open().Match(Right: _ => "", Left: problem => problem.Message), StringComparison.Ordinal);
    }

    [FactOnLinuxWith("/dev/shm")]
    public void Temporary_files_on_another_file_system_are_refused()
    {
        var elsewhere = Directory.CreateDirectory($"/dev/shm/borderless-test-{Guid.NewGuid():N}");
        try
        {
            _ = Directory.CreateSymbolicLink(directory.At("tmp"), elsewhere.FullName);

            var problem = Open().Match(Right: _ => "", Left: problem => problem.Message);

            Assert.Contains("different file systems", problem, StringComparison.Ordinal);
            Assert.Empty(elsewhere.GetFiles());
            Assert.Equal([".store"], Directory.GetFileSystemEntries(directory.At("parts")).Select(Path.GetFileName));
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    public void Dispose() => directory.Dispose();

    private Either<StartProblem, Store> Open() =>
        Store.Open(TestServer.SettingsFor(directory.Root).Storage, new PosixDisk(), TimeProvider.System, Logger.None);

    private string OpenAndClose()
    {
        using var store = Open().IfLeft(problem => throw new InvalidOperationException(problem.Message));
        return store.Id;
    }
}

/// <summary>A test that needs a directory of the machine; where it is missing, the test is shown as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactOnLinuxWithAttribute : FactAttribute
{
    public FactOnLinuxWithAttribute(string directory) => Skip = Directory.Exists(directory) ? null : $"there is no {directory}";
}
