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

    /// <summary>Waits until strace has written that the process ended.</summary>
    public static Task Finished(string file, int process) =>
        Wait.Until(() => File.Exists(file) && LastLines(file).Any(line => line.StartsWith($"{process} ", StringComparison.Ordinal) && line.Contains("+++", StringComparison.Ordinal)), "the trace is complete");

    private static IEnumerable<string> LastLines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        _ = stream.Seek(-Math.Min(stream.Length, 4096), SeekOrigin.End);
        return new StreamReader(stream).ReadToEnd().Split('\n');
    }
}
