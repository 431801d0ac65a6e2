using System.Text;

namespace Borderless.Web.Start;

/// <summary>Secrets that stand in files of their own, which <c>presign_api_key_file</c> and its like name.</summary>
internal static class SecretFiles
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Puts what the files hold in the place of their names. Of each secret the first layer that has it, or its file, wins.</summary>
    /// <returns>The layers without names of files, and a problem for each file that could not be read or is one way too many.</returns>
    public static (Seq<Seq<RawSetting>> Layers, Seq<SettingProblem> Problems) Read(Seq<Seq<RawSetting>> layers)
    {
        var read = SettingKey.Secrets.Map(secret => Winner(layers, secret)).Somes().ToSeq().Strict();
        return (
            layers.Map(layer => layer.Bind(setting => read.Find(one => ReferenceEquals(one.File, setting)).Match(
                Some: one => one.Content.Match(Right: Seq1, Left: _ => Empty),
                None: () => IsFile(setting.Key) ? Empty : Seq1(setting))).Strict()).Strict(),
            read.Map(one => one.Content.LeftToSeq()).Flatten().Strict());
    }

    /// <summary>The problems of the files beside all others; that a secret is missing is none where its file is the problem.</summary>
    public static Validation<SettingProblem, T> With<T>(this Validation<SettingProblem, T> settings, Seq<SettingProblem> files) =>
        files.IsEmpty
            ? settings
            : Fail<SettingProblem, T>(files + settings.FailToSeq().Filter(problem => !files.Exists(file => file.Key == FileOf(problem.Key))));

    private static string FileOf(string secret) => secret + SettingKey.FileSuffix;

    private static bool IsFile(string key) => SettingKey.Secrets.Exists(secret => FileOf(secret) == key);

    private static Option<(RawSetting File, Either<SettingProblem, RawSetting> Content)> Winner(Seq<Seq<RawSetting>> layers, string secret) =>
        from layer in layers.Find(layer => layer.Exists(setting => setting.Key == secret || setting.Key == FileOf(secret)))
        from file in layer.Find(setting => setting.Key == FileOf(secret))
        select (file, layer.Exists(setting => setting.Key == secret)
            ? Problem(file, $"{secret} is set there too; keep one of the two")
            : Content(secret, file));

    /// <summary>Neither the file's name nor the system's message is shown: who mistakes the key for its twin has put the secret there.</summary>
    private static Either<SettingProblem, RawSetting> Content(string secret, RawSetting file)
    {
        try
        {
            return SmallFile.Read(file.Text) is not { } bytes ? Problem(file, $"must name a file of at most {SmallFile.MostBytes} bytes")
                : Strict.GetString(bytes).TrimEnd('\r', '\n') is { Length: > 0 } text
                    ? new RawSetting(secret, text, $"file named by {file.Source}")
                    : Problem(file, $"must name a file that is not empty; write {secret} into it");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or ArgumentException and not DecoderFallbackException)
        {
            return Problem(file, $"must name a file that exists; write {secret} into one");
        }
        catch (UnauthorizedAccessException)
        {
            return Problem(file, "must name a file, and one that this user may read");
        }
        catch (Exception error) when (error is IOException or NotSupportedException)
        {
            return Problem(file, "must name a file that can be read");
        }
        catch (DecoderFallbackException)
        {
            return Problem(file, "must name a file of UTF-8 text");
        }
    }

    private static Either<SettingProblem, RawSetting> Problem(RawSetting file, string problem) => new SettingProblem(file.Key, file.Source, problem);
}
