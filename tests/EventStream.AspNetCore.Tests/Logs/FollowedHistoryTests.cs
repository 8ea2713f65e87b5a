using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Tests.Channels;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A history that begins on one thread while the channel is retired on another leaves no subscriber behind.</summary>
public sealed class FollowedHistoryTests
{
    private const int Rounds = 5000;
    private static readonly string Origin = EventStreamPosition.NewEpoch("news");
    private static readonly string Epoch = EventStreamPosition.NewEpoch("news");

    [Fact(Timeout = 30_000)]
    public void Take_TheChannelWasRetired_TheHistoryThatBeginsIsRetiredAsWell()
    {
        using var hub = new LoneHub();
        var followed = Unbegun(hub);
        followed.Retire();

        followed.Take(new() { Origin = Origin, Epoch = Epoch });

        followed.Current!.Epoch.Should().Be(Epoch);
        followed.Current.IsRetired.Should().BeTrue("no subscriber may follow into a history that nothing fills");
    }

    [Fact(Timeout = 30_000)]
    public async Task Take_TheChannelIsRetiredMeanwhile_NoHistoryIsLeftOpen()
    {
        using var hub = new LoneHub();
        for (var round = 0; round < Rounds; round++)
        {
            var followed = Unbegun(hub);
            var origin = followed.Current!;
            using var start = new Barrier(2);
            var retiring = Task.Run(() =>
            {
                start.SignalAndWait();
                followed.Retire();
            });

            start.SignalAndWait();
            followed.Take(new() { Origin = Origin, Epoch = Epoch });
            await retiring;

            origin.IsRetired.Should().BeTrue();
            origin.Present.IsRetired.Should().BeTrue("a subscriber of the origin may have followed");
            followed.Current!.IsRetired.Should().BeTrue();
        }
    }

    private static FollowedHistory Unbegun(LoneHub hub)
    {
        var followed = new FollowedHistory("news", hub.GetChannel("news").Definition, observer: null);
        followed.Take(new() { Origin = Origin });
        return followed;
    }
}
