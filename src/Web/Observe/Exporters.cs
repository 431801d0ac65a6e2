namespace Borderless.Web.Observe;

/// <summary>
/// What is sent where, as OpenTelemetry's standard variables say; nothing is, unless one of them names an endpoint or the exporter.
/// </summary>
/// <param name="Measures">Whether anything is measured at all.</param>
/// <param name="SendsMetrics">Whether metrics are sent by OTLP. They can be fetched in any case.</param>
/// <param name="SendsTraces">Whether requests are traced, and their spans sent by OTLP.</param>
/// <param name="NamesSampler">Whether they say which requests are recorded.</param>
internal readonly record struct Exporters(bool Measures, bool SendsMetrics, bool SendsTraces, bool NamesSampler)
{
    /// <summary>What is wrong with variables that nobody else judges, and what comes of it.</summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    public static Seq<string> Remarks(Func<string, string?> variable) =>
        Seq(("OTEL_TRACES_EXPORTER", Known: Seq("otlp", "none")), ("OTEL_METRICS_EXPORTER", Known: Seq("otlp", "prometheus", "none")))
            .Filter(one => Named(variable, one.Item1).Exists(name => !one.Known.Exists(known => known == name)))
            .Map(one => $"{one.Item1} names an exporter that is not here: {string.Join(", ", one.Known)} are; nothing is sent to others")
        + Seq1("OTEL_SDK_DISABLED")
            .Filter(name => (variable(name)?.Trim().ToLowerInvariant() ?? "") is not ("" or "true" or "false"))
            .Map(name => $"{name} is neither true nor false; false counts");

    /// <param name="variable">The value of an environment variable, or null.</param>
    public static Exporters Of(Func<string, string?> variable)
    {
        var isOn = !Is("OTEL_SDK_DISABLED", "true");
        return new Exporters(isOn, isOn && Sends("METRICS"), isOn && Sends("TRACES"), IsSet("OTEL_TRACES_SAMPLER"));

        bool Is(string name, string value) => value.Equals(variable(name)?.Trim(), StringComparison.OrdinalIgnoreCase);

        bool IsSet(string name) => !string.IsNullOrWhiteSpace(variable(name));

        // Where an exporter is named, its endpoint has a default.
        bool Sends(string signal) => IsSet($"OTEL_{signal}_EXPORTER")
            ? Named(variable, $"OTEL_{signal}_EXPORTER").Exists(name => name == "otlp")
            : IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT");
    }

    /// <summary>The exporters that a list names.</summary>
    private static Seq<string> Named(Func<string, string?> variable, string name) =>
        toSeq((variable(name) ?? "").ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
