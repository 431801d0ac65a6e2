using System.Security.Cryptography;
using Borderless.Web.Backup;
using Borderless.Web.Fsck;
using Borderless.Web.Import;
using Borderless.Web.Modules;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using Serilog;
using Serilog.Events;

const int Success = 0;
const int Failure = 1;

Posix.CreateForOwnerOnly();
return CommandLine.Parse(toSeq(args)) switch
{
    CommandLine.Print print => Print(print.Text),
    CommandLine.Usage usage => Refuse(Seq1($"{usage.Problem}\n{usage.HelpCommand} lists what there is"), usage.Code),
    CommandLine.Serve serve => await Serve(serve.Words),
    CommandLine.Import import => await SettingsSource.Layers(import.Words)
        .Bind(layers => SettingsReader.ReadStorage(layers, dir => ImportCommand.Probe(dir, import.From)))
        .Match(Succ: settings => RunImport(import, settings.Storage, settings.Log), Fail: problems => RefuseSettings(problems, Failure)),
    CommandLine.MakeBackup backup => await SettingsSource.Layers(backup.Words)
        .Bind(layers => SettingsReader.ReadStorage(layers, DataDirectory.Exists))
        .Match(Succ: settings => RunBackup(backup, settings.Storage), Fail: problems => RefuseSettings(problems, Failure)),
    CommandLine.Fsck fsck => await SettingsSource.Layers(fsck.Words)
        .Bind(layers => SettingsReader.ReadStorage(layers, DataDirectory.Exists))
        .Match(Succ: settings => RunFsck(fsck, settings.Storage, settings.Log), Fail: problems => RefuseSettings(problems, Borderless.Core.Fsck.CouldNotRun)),
    CommandLine.Explain explain => SettingsSource.WithSecrets(explain.Words)
        .Bind(layers => SettingsReader.ReadSigningKeys(layers, new UnixSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()))
            .Map(keys => (keys, layers)))
        .Match(
            Succ: read => RunExplain(explain, read.keys, read.layers),
            Fail: problems => Refuse(problems.Map(problem => problem.ToString()), ExplainReport.CouldNotRun)),
    CommandLine.Health health => await SettingsSource.Layers(health.Words)
        .Bind(SettingsReader.ReadListen)
        .Match(Succ: server => RunHealth(health, server.Listen, server.Tls), Fail: problems => RefuseSettings(problems, Failure)),
    _ => Failure,
};

static int Print(string text)
{
    Console.WriteLine(text);
    return Success;
}

static int Refuse(Seq<string> problems, int code)
{
    problems.Iter(problem => Console.Error.WriteLine($"borderless-web: {problem}"));
    return code;
}

static Task<int> RefuseSettings(Seq<SettingProblem> problems, int code) =>
    Task.FromResult(Refuse(problems.Map(problem => problem.ToString()), code));

static async Task<int> Serve(CommandWords words)
{
    // First of all, for before somebody listens to it the signal ends the process.
    using var hangUps = HangUps.Listen();
    var source = new SettingsSource(words, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)), TimeProvider.System);
    return await source.Read(SettingsSource.Probes).Match(
        Succ: read => Run(read, source, hangUps), Fail: problems => RefuseSettings(problems, Failure));
}

static async Task<int> RunImport(CommandLine.Import import, StorageSettings storage, LogSettings logging)
{
    await using var log = Logger(logging, toStandardError: true);
    var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
    var ended = await UntilSignal(stop => ImportCommand.Run(
        new ImportRequest(import.From, import.Link, import.Renames, storage), new PosixDisk(), TimeProvider.System, log,
        (soFar, read) => progress.Show(() => soFar.Progress(read)), stop));
    progress.End();
    return ended.Match(
        Right: report =>
        {
            report.Lines().Iter(Console.WriteLine);
            return Refuse(report.Problem.ToSeq(), report.ExitCode);
        },
        Left: problem => Refuse(Seq1(problem.Message), Failure));
}

static async Task<int> RunBackup(CommandLine.MakeBackup backup, StorageSettings storage)
{
    var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
    var ended = await UntilSignal(stop => BackupCommand.Run(
        new BackupRequest(backup.To, backup.Options, storage), new PosixDisk(), new BackupVoice(progress.Show, Console.WriteLine), stop));
    progress.End();
    return ended.Match(
        Right: report =>
        {
            report.Lines().Iter(Console.WriteLine);
            return Refuse(report.Wrong.ToSeq(), report.ExitCode);
        },
        Left: problem => Refuse(Seq1(problem.Message), Failure));
}

// Runs a command that the first signal asks to stop, and the second ends at once.
static async Task<T> UntilSignal<T>(Func<CancellationToken, Task<T>> command)
{
    using var stop = new CancellationTokenSource();
    using var signals = StopSignals.Listen(stop.Cancel);
    return await command(stop.Token);
}

static async Task<int> RunFsck(CommandLine.Fsck fsck, StorageSettings storage, LogSettings logging)
{
    await using var log = Logger(logging, toStandardError: true);
    var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
    var request = new FsckRequest(DataLayout.Of(storage), fsck.Repair, fsck.Deep);
    var report = await UntilSignal(stop => new FsckCommand(request, new PosixDisk(), TimeProvider.System, log, progress.Show, stop).Run());
    progress.End();
    (fsck.Json ? Seq1(report.Json()) : report.Lines()).Iter(Console.WriteLine);
    return Refuse(report.Problem.ToSeq(), report.ExitCode);
}

// The URL may come on standard input, so that it stands in no list of processes.
static int RunExplain(CommandLine.Explain explain, KeyRing keys, Seq<Seq<RawSetting>> layers)
{
    if ((explain.Url == "-" ? Console.In.ReadLine() : explain.Url)?.Trim() is not { Length: > 0 } url)
    {
        return Refuse(Seq1(explain.Url == "-" ? "there is no URL on standard input" : "the URL is empty"), ExplainReport.CouldNotRun);
    }

    var now = explain.At.IfNone(() => new UnixSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
    var epoch = StoredEpoch.Of(explain, layers, Presign.Explain(keys, new Circumstances(now), url, explain.Method).Says);
    var at = new Circumstances(now, explain.Client, epoch.Value);
    var explanation = Presign.Explain(keys, at, url, explain.Method);
    ExplainReport.Lines(explanation, at, epoch).Iter(Console.WriteLine);
    return ExplainReport.ExitCode(explanation);
}

static async Task<int> RunHealth(CommandLine.Health health, ListenAddress listen, bool tls) =>
    await HealthCommand.Ask(listen, tls, health.Timeout) switch
    {
        { Ready: true } ready => Print(ready.Line),
        var ailing => Refuse(Seq1(ailing.Line), Failure),
    };

static async Task<int> Run(ReadSettings read, SettingsSource source, HangUps hangUps)
{
    var settings = read.Settings;
    await using var log = Logger(settings.Log);
    settings.Warnings.Iter(warning => log.Warning("{Warning:l}", warning));
    log.Debug("settings: {Limits}, {Storage}, {Janitor}", settings.Limits, settings.Storage, settings.Janitor);
    var keys = new LiveKeys(source, read, log);
    hangUps.Do(keys.Reload);
    var started = await Server.Start(settings, new PosixDisk(), TimeProvider.System, log, () => keys.Current);
    if (started.Case is not Server server)
    {
        return Refuse(Seq1(((StartProblem)started.Case).Message), Failure);
    }

    hangUps.Do(server.Audit.Reopen);
    using var signals = StopSignals.Listen(server.Lifetime.StopApplication);
    log.Information(
        "borderless-web {Version} serves {DataDir:l} on {Address:l}, durability {Durability:l}",
        CommandLine.Version, Path.GetFullPath(settings.Storage.DataDir), server.Address, settings.Storage.Durability.ToString().ToLowerInvariant());
    if (settings.Server.Console)
    {
        log.Information("the console, a page to use the store with: {Console:l}", settings.Server.Domain.Value + ConsoleModule.Path);
    }

    settings.Server.Metrics.Iter(_ => log.Information("/metrics is served on {Address:l} too, without a key", server.MetricsAddress));
    await server.WaitForStop();
    log.Information("stopping: requests in flight have {Seconds} s to end", settings.Server.ShutdownGrace);
    await server.DisposeAsync();
    log.Information("stopped");
    return Success;
}

static Serilog.Core.Logger Logger(LogSettings settings, bool toStandardError = false)
{
    var configuration = new LoggerConfiguration()
        .MinimumLevel.Is(settings.Verbose ? LogEventLevel.Debug : LogEventLevel.Information)

        // The framework's own lines would print URLs with their signatures.
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)

        // Who fails to agree on TLS has no request, and so no line of ours.
        .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel.Https", settings.Verbose ? LogEventLevel.Debug : LogEventLevel.Warning)

        // What stops the host is told in one sentence by us.
        .MinimumLevel.Override("Microsoft.Extensions.Hosting", LogEventLevel.Fatal)
        .MinimumLevel.Override("System", LogEventLevel.Warning);
    var lines = new LogLines(settings.Format, toStandardError ? Console.OpenStandardError() : Console.OpenStandardOutput());
    return configuration
        .WriteTo.Async(to => to.Sink(lines), bufferSize: 10_000, blockWhenFull: true, monitor: lines)
        .CreateLogger();
}
