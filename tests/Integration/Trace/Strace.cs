using System.Diagnostics;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Trace;

/// <summary>The program <c>strace</c>, which sees or spoils the system calls of another.</summary>
internal static class Strace
{
    /// <summary>What the proof looks at. Page writes of the log must be whole, so strings are kept up to a page and a bit.</summary>
    private static readonly string[] Watching =
    [
        "-f", "--seccomp-bpf", "-ttt", "-y", "-s", "4200", "-e", "signal=none", "-e",
        "trace=write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,"
            + "sendto,sendmsg,recvfrom,recvmsg,?io_uring_enter",
    ];

    public static bool IsThere =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "strace")));

    /// <summary>
    /// The words before a program that make it write a trace. -D: strace is the one who steps aside, so the process that was
    /// started is the program.
    /// </summary>
    public static string[] Into(string file) => ["strace", "-D", .. Watching, "-o", file];

    /// <summary>
    /// Makes calls of a running process fail, on some paths only if any are given, until it is disposed. Returns once it has begun.
    /// </summary>
    public static async Task<IAsyncDisposable> Spoil(int process, string injection, IEnumerable<string> paths)
    {
        var start = new ProcessStartInfo("strace") { RedirectStandardError = true };
        string[] words = ["-f", "-o", "/dev/null", "-e", $"inject={injection}", .. paths.SelectMany(path => new[] { "-P", path }), "-p", $"{process}"];
        words.Iter(start.ArgumentList.Add);
        var spoiler = new Spoiler(Process.Start(start)!);
        await spoiler.HasBegun;
        return spoiler;
    }

    /// <summary>Waits until strace has written that the process ended.</summary>
    public static Task Finished(string file, int process) =>
        Wait.Until(() => File.Exists(file) && LastLines(file).Any(line => line.StartsWith($"{process} ", StringComparison.Ordinal) && line.Contains("+++", StringComparison.Ordinal)), "the trace is complete");

    private static IEnumerable<string> LastLines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        _ = stream.Seek(-Math.Min(stream.Length, 4096), SeekOrigin.End);
        return new StreamReader(stream).ReadToEnd().Split('\n');
    }

    private sealed class Spoiler : IAsyncDisposable
    {
        private readonly Process strace;
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Spoiler(Process strace)
        {
            this.strace = strace;
            strace.ErrorDataReceived += (_, line) => Note(line.Data);
            strace.BeginErrorReadLine();
        }

        public Task HasBegun => begun.Task.WaitAsync(TimeSpan.FromMinutes(1));

        public async ValueTask DisposeAsync()
        {
            ServerProcess.Signal(strace.Id, ServerProcess.SigTerm);
            await strace.WaitForExitAsync();
            strace.Dispose();
        }

        private void Note(string? line)
        {
            if (line is null)
            {
                _ = begun.TrySetException(new InvalidOperationException("strace ended at once"));
            }
            else if (line.Contains("attached", StringComparison.Ordinal))
            {
                _ = begun.TrySetResult();
            }
        }
    }
}
