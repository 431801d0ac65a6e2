using System.Buffers;
using System.Text.Json;
using Borderless.Web.Storage;

namespace Borderless.Web.Scrub;

/// <summary>
/// Where the scrub was, in a file of its own: a row would cost a commit, and what is lost with the file is only read again. So it is
/// replaced by a rename, and not synced.
/// </summary>
internal sealed class ScrubPlace(IDisk disk, string path, Serilog.ILogger log)
{
    /// <summary>The number of the last part that was checked; 0 where none is known.</summary>
    public long Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), StoredJson.Default.ScrubPosition)?.After ?? 0 : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            log.Warning("the scrub starts over, for its place cannot be read: {Reason}", error.Message);
            return 0;
        }
    }

    public void Write(long after)
    {
        try
        {
            disk.Unlink(path + ".new");
            using (var file = disk.Create(path + ".new"))
            {
                file.Write(new ReadOnlySequence<byte>(JsonSerializer.SerializeToUtf8Bytes(new ScrubPosition(after), StoredJson.Default.ScrubPosition)), 0);
            }

            disk.Rename(path + ".new", path);
        }
        catch (IOException error)
        {
            log.Warning("the place of the scrub cannot be kept: {Reason}", error.Message);
        }
    }
}
