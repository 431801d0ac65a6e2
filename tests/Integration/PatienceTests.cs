using Borderless.Web.Http;

namespace Borderless.Tests.Integration;

public sealed class PatienceTests
{
    [Fact]
    public void It_begins_when_a_read_has_to_wait_and_only_once()
    {
        var begun = 0;
        using var patience = new Patience(_ =>
        {
            begun++;
            return Stream.Null;
        });
        Assert.Equal(0, begun);

        _ = patience.Begin();
        _ = patience.Begin();

        Assert.Equal(1, begun);
    }

    /// <summary>A timer may be at it while the body comes to its end: what it throws would end the process.</summary>
    [Fact]
    public void It_may_be_over_after_the_body_is_there()
    {
        CancellationTokenSource? source = null;
        using (var patience = new Patience(over =>
        {
            source = over;
            return Stream.Null;
        }))
        {
            _ = patience.Begin();
        }

        source!.Cancel();
    }
}
