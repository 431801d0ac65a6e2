namespace Borderless.Core;

/// <summary>The small words that pipelines are made of.</summary>
public static class Pipeline
{
    /// <summary>Goes on when the condition holds, else ends with the error. (A <c>where</c> on an Either would be Bottom.)</summary>
    public static Either<StoreError, Unit> Require(bool condition, Func<StoreError> otherwise) =>
        condition ? unit : otherwise();
}
