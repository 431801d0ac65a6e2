using System.Security.Cryptography;
using Borderless.Web.Backup;
using Borderless.Web.Fsck;
using Borderless.Web.Import;
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
    CommandLine.Serve serve => await ReadSettings(serve.Words).Match(Succ: Run, Fail: problems => RefuseSettings(problems, Failure)),
    CommandLine.Import import => await Layers(import.Words)
        .Bind(layers => SettingsReader.ReadStorage(layers, dir => ImportCommand.Probe(dir, import.From)))
        .Match(Succ: settings => RunImport(import, settings.Storage, settings.Log), Fail: problems => RefuseSettings(problems, Failure)),
    CommandLine.MakeBackup backup => await Layers(backup.Words)
        .Bind(layers => SettingsReader.ReadStorage(layers, DataDirectory.Exists))
        .Match(Succ: settings => RunBackup(backup, settings.Storage), Fail: problems => RefuseSettings(problems, Failure)),
    CommandLine.Fsck fsck => await Layers(fsck.Words)
        .Bind(layers => SettingsReader.ReadStorage(layers, DataDirectory.Exists))
        .Match(Succ: settings => RunFsck(fsck, settings.Storage, settings.Log), Fail: problems => RefuseSettings(problems, Borderless.Core.Fsck.CouldNotRun)),
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

static Validation<SettingProblem, Settings> ReadSettings(CommandWords words) =>
    Layers(words).Bind(layers => SettingsReader.Read(
        layers, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)), DataDirectory.Probe));

static Validation<SettingProblem, Seq<Seq<RawSetting>>> Layers(CommandWords words)
{
    var file = words.ConfigFile.Match(Some: TomlFile.Read, None: () => Success<SettingProblem, Seq<RawSetting>>(Empty));
    var environment = SettingKey.All.Bind(key =>
        Environment.GetEnvironmentVariable(key.Variable) is { Length: > 0 } value
            ? Seq1(new RawSetting(key.Name, value, $"environment {key.Variable}"))
            : Empty);
    return file.Map(fromFile => Seq(fromFile, words.Settings, environment));
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

static async Task<int> Run(Settings settings)
{
    await using var log = Logger(settings.Log);
    settings.Warnings.Iter(warning => log.Warning("{Warning:l}", warning));
    log.Debug("settings: {Limits}, {Storage}, {Janitor}", settings.Limits, settings.Storage, settings.Janitor);
    var started = await Server.Start(settings, new PosixDisk(), TimeProvider.System, log);
    if (started.Case is not Server server)
    {
        return Refuse(Seq1(((StartProblem)started.Case).Message), Failure);
    }

    using var signals = StopSignals.Listen(server.Lifetime.StopApplication);
    log.Information(
        "borderless-web {Version} serves {DataDir:l} on {Address:l}, durability {Durability:l}",
        CommandLine.Version, Path.GetFullPath(settings.Storage.DataDir), server.Address, settings.Storage.Durability.ToString().ToLowerInvariant());
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

        // What stops the host is told in one sentence by us.
        .MinimumLevel.Override("Microsoft.Extensions.Hosting", LogEventLevel.Fatal)
        .MinimumLevel.Override("System", LogEventLevel.Warning);
    var lines = new LogLines(settings.Format, toStandardError ? Console.OpenStandardError() : Console.OpenStandardOutput());
    return configuration
        .WriteTo.Async(to => to.Sink(lines), bufferSize: 10_000, blockWhenFull: true, monitor: lines)
        .CreateLogger();
}
