namespace Borderless.Web.Http;

/// <summary>
/// Steps of a handler one after the other, some of which take time: the first Left ends them. LanguageExt's EitherAsync says the same
/// and costs several times as much, which small requests notice.
/// </summary>
internal static class Steps
{
    public static Task<Either<StoreError, TNext>> Then<T, TNext>(this Either<StoreError, T> first, Func<T, Task<Either<StoreError, TNext>>> next) =>
        first.Match(Right: next, Left: error => Task.FromResult<Either<StoreError, TNext>>(error));

    public static async Task<Either<StoreError, TNext>> Then<T, TNext>(this Task<Either<StoreError, T>> first, Func<T, Task<Either<StoreError, TNext>>> next) =>
        await (await first).Then(next);

    public static async Task<Either<StoreError, TNext>> Then<T, TNext>(this Task<Either<StoreError, T>> first, Func<T, Either<StoreError, TNext>> next) =>
        (await first).Bind(next);

    /// <summary>The last step, which cannot fail.</summary>
    public static async Task<Either<StoreError, TNext>> To<T, TNext>(this Task<Either<StoreError, T>> first, Func<T, TNext> make) =>
        (await first).Map(make);
}
