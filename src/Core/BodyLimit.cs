namespace Borderless.Core;

/// <summary>How many bytes a body may have.</summary>
public static class BodyLimit
{
    /// <summary>Judges a length, announced or counted so far.</summary>
    /// <param name="length">Bytes; null when none was announced.</param>
    /// <param name="max">The largest length permitted, in bytes.</param>
    /// <returns>Nothing, or <see cref="StoreError.PayloadTooLarge"/>.</returns>
    public static Either<StoreError, Unit> Check(long? length, long max) =>
        Pipeline.Require(length is null || length <= max, () => new StoreError.PayloadTooLarge(max));
}
