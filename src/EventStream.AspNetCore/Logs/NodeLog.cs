using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Logs;

/// <summary>
/// What one node has of the log behind its channels: one append at a time, one reader of what is new, one reader of what is old, and the
/// other nodes.
/// </summary>
internal sealed class NodeLog
{
    private readonly LogReads _reads;
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    /// <param name="log">The log.</param>
    /// <param name="channels">The channels of this node.</param>
    /// <param name="host">The app.</param>
    /// <param name="options">Valid ones.</param>
    public NodeLog(IEventStreamLog log, ChannelRegistry channels, StreamHost host, EventStreamLogOptions options)
    {
        var bounded = new BoundedLog(log, host.Time, host.Logger);
        (Channels, Options) = (channels, options);
        TransactionalLog = log as IEventStreamTransactionalLog;
        if (TransactionalLog is not null) TransactionalLog.Appended += CountPublished;
        _reads = new LogReads(bounded, host.Time, _stopping.Token);
        Writer = new LogWriter(bounded, host.Time, options.PublishWait, host.Stopping);
        Follower = new LogFollower(bounded, Find, All, host.Time, host.Logger);
        Pages = new PageCache(_reads, host.Time, _stopping.Token);
        Presence = new NodePresence(this, host);

        LogBacking? Find(string name) => Presence!.ChannelOf(name) ?? channels.Find(name) as LogBacking;

        IEnumerable<LogBacking> All() => channels.All.OfType<LogBacking>().Prepend(Presence!.Channel).Where(channel => channel.HasBegun);
    }

    public ChannelRegistry Channels { get; }

    public EventStreamLogOptions Options { get; }

    /// <summary>The log, if it takes messages in a transaction of the caller's.</summary>
    /// <remarks>Such a call is not abandoned by the node: the caller's connection bounds how long it takes.</remarks>
    public IEventStreamTransactionalLog? TransactionalLog { get; }

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

    // No channel is made for it, and a name may be one that only another node has added.
    private void CountPublished(string channel, int count) => Channels.DefinitionOf(channel)?.Metrics.Published(count);

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
