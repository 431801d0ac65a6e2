using System.Globalization;

namespace Borderless.Core;

/// <summary>The raw values by precedence, and the words to read one.</summary>
internal sealed class Layers(Seq<RawSetting> values)
{
    public Option<RawSetting> Find(string key) => values.Find(value => value.Key == key);

    public bool Has(string key) => Find(key).IsSome;

    public string? TextOf(string key) => Find(key).MatchUnsafe(value => value.Text, () => null);

    public SettingProblem Problem(string key, string problem) =>
        new(key, Find(key).Match(Some: value => value.Source, None: () => "not set"), problem);

    public Validation<SettingProblem, T> Required<T>(string key, Func<string, Option<T>> parse, string rule) =>
        Find(key).Match(
            Some: value => Parsed(key, value, parse, rule),
            None: () => Fail<SettingProblem, T>(Problem(key, $"is required; set {Names(key)}")));

    public Validation<SettingProblem, T> Value<T>(string key, T otherwise, Func<string, Option<T>> parse, string rule) =>
        Find(key).Match(
            Some: value => Parsed(key, value, parse, rule),
            None: () => Success<SettingProblem, T>(otherwise));

    /// <summary>A value of several entries, of which each may have problems of its own; empty where there is no value.</summary>
    public Validation<SettingProblem, Seq<T>> List<T>(string key, Func<string, Validation<string, Seq<T>>> parse) =>
        Find(key).Match(
            Some: value => parse(value.Text).MapFail(problem => Problem(key, problem)),
            None: () => Success<SettingProblem, Seq<T>>(Empty));

    public Validation<SettingProblem, long> Integer(string key, long otherwise, long min, long max) =>
        OptionalInteger(key, min, max).Map(number => number.IfNone(otherwise));

    public Validation<SettingProblem, Option<long>> OptionalInteger(string key, long min, long max) =>
        Value(
            key,
            Option<long>.None,
            text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? Some(Some(number))
                : None,
            $"must be a whole number from {min} to {max}");

    private Validation<SettingProblem, T> Parsed<T>(string key, RawSetting value, Func<string, Option<T>> parse, string rule) =>
        parse(value.Text).Match(
            Some: Success<SettingProblem, T>,
            None: () => Fail<SettingProblem, T>(Problem(key, rule)));

    private static string Names(string key) =>
        SettingKey.All.Find(known => known.Name == key).Match(
            Some: known => $"{known.Name} in the file, {known.Flag} or {known.Variable}{(key == "presign_api_key" ? ", or api_keys" : "")}",
            None: () => key);
}
