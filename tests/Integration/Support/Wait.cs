namespace Borderless.Tests.Integration.Support;

/// <summary>Waiting for a thing, never for a time.</summary>
internal static class Wait
{
    /// <summary>Returns when the condition holds; fails after a minute, which no run should come near.</summary>
    public static Task Until(Func<bool> condition, string what) => Until(condition, () => what);

    /// <summary>The same, where what was waited for is told as it is in the end.</summary>
    public static async Task Until(Func<bool> condition, Func<string> what)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"waited in vain until {what()}");
            await Task.Delay(5);
        }
    }

    /// <summary>Turns the clock on, step by step, until the condition holds.</summary>
    public static Task Turning(TestServer server, TimeSpan step, Func<bool> condition, string what) =>
        Until(
            () =>
            {
                if (!condition())
                {
                    server.Time.Advance(step);
                }

                return condition();
            },
            what);
}
