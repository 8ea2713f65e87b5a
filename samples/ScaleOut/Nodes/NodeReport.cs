namespace ScaleOut.Nodes;

/// <summary>Publishes once a second how many subscribers this node has, and how many it knows on all nodes.</summary>
internal sealed class NodeReport(EventStreamHub hub, Node node) : BackgroundService
{
    private readonly EventStreamMetadata _latest = new() { Key = node.Name };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var numbers = hub.GetChannel("numbers");
                var report = new { Node = node.Name, Here = numbers.SubscriberCount, All = numbers.TotalSubscriberCount };
                await hub.PublishAsync("nodes", report, _latest, eventName: "node", cancellationToken: stoppingToken);
            }
            catch (EventStreamLogException)
            {
                // The database is unavailable: the next report follows in a second.
            }
        }
    }
}
