namespace Showcase.Census;

/// <summary>Tells the tabs, twice a beat, how many connections they have.</summary>
/// <remarks>
/// The count travels in the streams themselves: a browser that has all
/// of its connections in use cannot ask for it.
/// </remarks>
internal sealed class ConnectionCount(EventStreamHub hub, Pace pace)
    : BackgroundService
{
    // One key: each count replaces the one before it.
    private static readonly EventStreamMetadata Latest = new() { Key = "all" };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connections = hub.GetChannel("connections");
        using var timer = new PeriodicTimer(pace.Beat / 2);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (connections.SubscriberCount == 0) continue;
            await connections.PublishAsync(
                connections.SubscriberCount, Latest, "connections", cancellationToken: stoppingToken);
        }
    }
}
