using Borderless.Web.Start;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration;

public sealed class StopSignalTests
{
    [Fact]
    public void Signals_close_behind_the_first_are_the_same_wish_and_a_later_one_ends_at_once()
    {
        var (time, stops, ends) = (new FakeTimeProvider(), 0, new List<int>());
        using var signals = new StopSignals(time, () => stops++, ends.Add);

        signals.Came(15);
        signals.Came(15);
        time.Advance(TimeSpan.FromMilliseconds(999));
        signals.Came(2);
        Assert.Equal(1, stops);
        Assert.Empty(ends);

        time.Advance(TimeSpan.FromMilliseconds(1));
        signals.Came(15);
        signals.Came(2);
        Assert.Equal(1, stops);
        Assert.Equal([143, 130], ends);
    }
}
