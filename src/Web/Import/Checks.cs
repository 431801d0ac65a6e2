namespace Borderless.Web.Import;

/// <summary>A step of a query that goes on only where something holds.</summary>
internal static class Checks
{
    public static Either<TProblem, Unit> Require<TProblem>(bool holds, Func<TProblem> problem) => holds ? unit : problem();
}
