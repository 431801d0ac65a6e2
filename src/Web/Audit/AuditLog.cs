using System.Buffers;
using System.Threading.Channels;
using Borderless.Web.Http;
using Borderless.Web.Observe;
using Borderless.Web.Start;
using Borderless.Web.Storage;

namespace Borderless.Web.Audit;

/// <summary>
/// Who did what: a line for each mint, store, delete and revocation, done or refused, and for each read that a key or a URL did not permit.
/// One task writes the lines, from a queue that waits when it is full: those that wait together go out in one write, and none is held back.
/// </summary>
internal sealed class AuditLog : IAsyncDisposable
{
    private const int QueueLength = 10_000;
    private const int BatchBytes = 64 << 10;

    private readonly AuditFile? file;
    private readonly TimeProvider time;
    private readonly Task writing;

    /// <summary>Null in the place of an entry asks to open the file again.</summary>
    private readonly Channel<AuditEntry?> queue =
        Channel.CreateBounded<AuditEntry?>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private AuditLog(AuditFile? file, TimeProvider time)
    {
        (this.file, this.time) = (file, time);
        writing = file is null ? Task.CompletedTask : Task.Run(() => WriteTo(file));
    }

    /// <summary>How many lines could not be written.</summary>
    public long Lost => file?.Lost ?? 0;

    /// <summary>Opens the file, and makes it where there is none, for its owner only. Without a name nothing is kept.</summary>
    public static Either<StartProblem, AuditLog> Open(Option<string> path, TimeProvider time, Serilog.ILogger log)
    {
        if (path.Case is not string name)
        {
            return new AuditLog(null, time);
        }

        try
        {
            return new AuditLog(new AuditFile(Posix.OpenToAppend(name), name, log), time);
        }
        catch (DiskException error)
        {
            return new StartProblem($"audit_log: {CannotAdd(name, error)}");
        }
    }

    /// <summary>Looks whether the file can be opened, or made where there is none, and makes none. A pipe or a device is not opened.</summary>
    /// <returns>What is wrong and what to do, or None.</returns>
    public static Option<string> Probe(string path)
    {
        try
        {
            if (Posix.TargetKindOf(path).IsNone)
            {
                return CannotMake(path);
            }

            // What stands there for a descriptor of the process may be a file that others write to as well.
            if (SmallFile.IsLasting(path) && !path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/proc/", StringComparison.Ordinal))
            {
                using var file = Posix.OpenExistingToAppend(path);
                return AuditFile.MayBeOurs(file) ? None
                    : $"{Printable.Text(FileNames.Told(path))} holds something else than an audit log, and would be spoilt; name another, or move it away";
            }

            return None;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return CannotAdd(path, error);
        }
    }

    /// <summary>Where a link leads nowhere, it is what it names that is going to be made.</summary>
    private static Option<string> CannotMake(string path)
    {
        var target = Posix.KindOf(path).IsSome ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        var directory = Path.GetDirectoryName(Path.GetFullPath(target))!;
        var told = FileNames.Shown(path).IsSome ? directory : $"the directory of {FileNames.Told(path)}";
        return DataDirectory.Probe(directory).Map(problem => $"{Printable.Text(told)} {problem}");
    }

    private static string CannotAdd(string path, Exception error) =>
        $"cannot add to {Printable.Text(FileNames.Told(path))}: {DiskErrors.Reason(error)}; name one that this user may write, in a directory that exists";

    /// <summary>From now on the request's steps may note what they learn.</summary>
    public void Begin(HttpContext http)
    {
        if (file is not null)
        {
            http.Features.Set(new AuditFacts());
        }
    }

    /// <summary>Writes the line of a request that has ended, if it has one. It waits only while the queue is full.</summary>
    public ValueTask End(HttpContext http, int status) =>
        EntryOf(http, status) is { } entry && !queue.Writer.TryWrite(entry) ? Wait(entry) : ValueTask.CompletedTask;

    /// <summary>From the next line on, writes to the file that has the name then: the old one was moved away.</summary>
    public void Reopen()
    {
        if (file is not null && !queue.Writer.TryWrite(null))
        {
            _ = Wait(null).AsTask();
        }
    }

    /// <summary>Writes what waits, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = queue.Writer.TryComplete();
        await writing;
        file?.Dispose();
    }

    /// <summary>A route's other methods, which answer 405, are no action.</summary>
    private AuditEntry? EntryOf(HttpContext http, int status)
    {
        if (http.Features.Get<AuditFacts>() is not { } facts
            || http.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } pattern } route
            || route.Metadata.GetMetadata<IHttpMethodMetadata>() is null)
        {
            return null;
        }

        var action = AuditRules.ActionOf(http.Request.Method, pattern);
        return AuditRules.OutcomeOf(action, facts.IsDone, facts.Error, status == StatusCodes.Status499ClientClosedRequest) is { } outcome
            ? new AuditEntry(
                time.GetUtcNow(), action, facts.What, outcome, outcome is AuditRules.Done or AuditRules.Left ? null : facts.Error?.Code, facts.Key, facts.Bucket?.Value,
                facts.Blob?.ToString(), facts.Bytes, Clients.ClientOf(http), http.TraceIdentifier, http.Request.Method, Measured.RouteOf(http), status)
            : null;
    }

    /// <summary>A request that ends after the last was waited for has no line any more.</summary>
    private async ValueTask Wait(AuditEntry? entry)
    {
        while (await queue.Writer.WaitToWriteAsync() && !queue.Writer.TryWrite(entry))
        {
        }
    }

    private async Task WriteTo(AuditFile to)
    {
        var lines = new ArrayBufferWriter<byte>(BatchBytes);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (queue.Reader.TryRead(out var entry))
            {
                if (entry is not null)
                {
                    AuditLine.Write(entry, lines);
                }

                if (entry is null || lines.WrittenCount >= BatchBytes)
                {
                    Flush();
                }

                if (entry is null)
                {
                    to.Reopen();
                }
            }

            Flush();
        }

        void Flush()
        {
            if (lines.WrittenCount > 0)
            {
                to.Append(lines.WrittenSpan);
                lines.ResetWrittenCount();
            }
        }
    }
}
