using System.Diagnostics;
using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>Other programs, run to their end.</summary>
internal static class Tool
{
    /// <summary>What it printed. Throws, with its errors, when it did not end with 0.</summary>
    public static async Task<string> Run(string program, params IEnumerable<string> args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors} {await output}");
    }

    /// <summary>A transfer by curl.</summary>
    /// <returns>The seconds that it took.</returns>
    public static async Task<double> Curl(Uri target, params IEnumerable<string> args)
    {
        var printed = await Run("curl", ["-sS", "--fail", "-o", "/dev/null", "-w", "%{time_total}", "-H", "expect:", .. args, target.AbsoluteUri]);
        return double.Parse(printed, CultureInfo.InvariantCulture);
    }
}
