using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Borderless.Web.OpenApi;

/// <summary>Who may call an operation.</summary>
internal enum Access
{
    Everybody,
    ApiKey,
    SignedUrl,
}

/// <summary>What <c>/openapi.json</c> tells of one method of a route.</summary>
/// <param name="Id">Its name in generated clients.</param>
/// <param name="Tag">The group that it is shown in.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Access">Who may.</param>
/// <param name="Details">What else there is to know.</param>
internal sealed record Operation(string Id, string Tag, string Summary, Access Access, string Details)
{
    /// <summary>Beside those in its path and those that make a URL a signed one.</summary>
    public IEnumerable<Parameter> Parameters { get; init; } = [];

    public Body? Body { get; init; }

    /// <summary>The answers that are no errors.</summary>
    public IEnumerable<Answer> Answers { get; init; } = [];

    /// <summary>The cases of <see cref="StoreError"/> that it may answer, beside those that its access brings along.</summary>
    public IEnumerable<Type> Errors { get; init; } = [];
}

/// <summary>A parameter of a query or a header.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In">Where it stands.</param>
/// <param name="Schema">A JSON Schema.</param>
/// <param name="Says">What it means.</param>
/// <param name="Example">One of its values.</param>
internal sealed record Parameter(string Name, ParameterLocation In, string Schema, string Says, JsonNode? Example = null);

/// <summary>The body of a request.</summary>
/// <param name="MediaType">Of what type.</param>
/// <param name="Schema">A JSON Schema.</param>
/// <param name="Says">What it is.</param>
/// <param name="Required">Whether there must be one.</param>
/// <param name="Examples">JSON texts by name.</param>
internal sealed record Body(string MediaType, string Schema, string Says, bool Required, params (string Name, string Json)[] Examples);

/// <summary>An answer that is no error.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Says">What it means.</param>
/// <param name="MediaTypes">Of which types; none means no body.</param>
/// <param name="Json">The type whose JSON it has.</param>
/// <param name="Schema">Or else a JSON Schema.</param>
/// <param name="Example">A JSON text.</param>
/// <param name="Headers">Names and meanings of its headers.</param>
internal sealed record Answer(
    int Status, string Says, string[] MediaTypes, Type? Json, string Schema, string? Example, params (string Name, string Says)[] Headers)
{
    public static Answer Of<T>(string says, string example) => new(StatusCodes.Status200OK, says, ["application/json"], typeof(T), "", example);
}
