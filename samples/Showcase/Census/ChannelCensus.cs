namespace Showcase.Census;

/// <summary>Counts the channels once a beat, while a page is open that shows the counts.</summary>
internal sealed class ChannelCensus(EventStreamHub hub, Pace pace)
    : BackgroundService
{
    // One key: each count replaces the one before it.
    private static readonly EventStreamMetadata Latest = new() { Key = "all" };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var stats = hub.GetChannel("channel-stats");
        using var timer = new PeriodicTimer(pace.Beat);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (stats.SubscriberCount == 0) continue;
            await stats.PublishAsync(
                Count(), Latest, cancellationToken: stoppingToken);
        }
    }

    private IEnumerable<ChannelFigures> Count() =>
        hub.Channels
            .OrderBy(channel => channel.Name, StringComparer.Ordinal)
            .Select(ChannelFigures.Of);
}
