using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>What one node has of the log behind its channels: one append at a time, one reader of what is new, one reader of what is old, and the other nodes.</summary>
internal sealed class NodeLog
{
    private readonly LogReads _reads;
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    public NodeLog(EventStreamHub hub, IEventStreamLog log)
    {
        var bounded = new BoundedLog(log, hub.Time, hub.Host.Logger);
        _reads = new LogReads(bounded, hub.Time, _stopping.Token);
        Presence = new NodePresence(hub);
        Writer = new LogWriter(bounded, hub.Time, hub.Host.Options.PublishWait, hub.Host.Stopping);
        Follower = new LogFollower(bounded, Find, All, hub.Time, hub.Host.Logger);
        Pages = new PageCache(_reads, hub.Time, _stopping.Token);

        DurableChannel? Find(string name) => Presence.ChannelOf(name) ?? hub.Opened(name)?.Durable;

        IEnumerable<DurableChannel> All() =>
            hub.Channels.Select(channel => channel.Durable).OfType<DurableChannel>().Prepend(Presence.Channel).Where(channel => channel.HasBegun);
    }

    public LogWriter Writer { get; }

    public LogFollower Follower { get; }

    public PageCache Pages { get; }

    public NodePresence Presence { get; }

    /// <summary>The history of a channel in the log; null: it has none of this name.</summary>
    /// <exception cref="EventStreamLogException">The log is out of reach.</exception>
    public async Task<KnownHistory?> ReadHistoryAsync(string channel)
    {
        var page = await _reads.ReadAsync(new(channel, long.MaxValue, 1, 1), isPatient: false);
        return page.Epoch is { } epoch ? new(epoch, page.Continues) : null;
    }

    public void Start()
    {
        _following = Follower.RunAsync(_stopping.Token);
        Presence.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Presence.StopAsync(cancellationToken);
        await _stopping.CancelAsync();
        await _following.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
