using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Logs;

/// <summary>One node's part of the log: its writer, its follower, its page cache, and its presence.</summary>
/// <remarks>
/// The follower reads what is new, and the page cache what is older than the rings. So at most two reads run at a time. The writer has one
/// append running, and a second one, of other channels, if the first takes long.
/// </remarks>
internal sealed class NodeLog
{
    private readonly LogReads _reads;
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    /// <param name="log">The log.</param>
    /// <param name="channels">The channels of this node.</param>
    /// <param name="host">The app.</param>
    /// <param name="options">The log's options, which are valid.</param>
    /// <param name="running">The runs whose producers are called on this node.</param>
    /// <param name="scopes">Makes the scopes of the producers' services.</param>
    public NodeLog(
        IEventStreamLog log,
        ChannelRegistry channels,
        StreamHost host,
        EventStreamLogOptions options,
        NodeRuns running,
        IServiceScopeFactory scopes)
    {
        var calls = new LogCalls(host.Time, host.Logger);
        var bounded = new BoundedLog(log, calls);
        (Channels, Options) = (channels, options);
        TransactionalLog = log as IEventStreamTransactionalLog;
        if (TransactionalLog is not null) TransactionalLog.Appended += CountPublished;
        _reads = new LogReads(bounded, host.Time, _stopping.Token);
        Writer = new LogWriter(bounded, host.Time, options.PublishWait, host.Drain.Over);
        Follower = new LogFollower(bounded, Find, All, host.Time, host.Logger);
        Pages = new PageCache(_reads, host.Time, _stopping.Token);
        Presence = new NodePresence(this, host);
        if (log is IEventStreamRunLog runLog)
        {
            var boundedRuns = new BoundedRunLog(runLog, calls, RunLeases.Lease);
            Runs = new LogRuns(boundedRuns, this, running, host, scopes, _stopping.Token);
        }

        LogBacking? Find(string name) => Presence!.ChannelOf(name) ?? channels.Find(name) as LogBacking;

        IEnumerable<LogBacking> All() => channels.All.OfType<LogBacking>().Prepend(Presence!.Channel).Where(channel => channel.HasBegun);
    }

    public ChannelRegistry Channels { get; }

    public EventStreamLogOptions Options { get; }

    /// <summary>The log, if it accepts messages in the caller's transaction.</summary>
    /// <remarks>The node does not abandon such a call, because the caller's connection bounds its duration.</remarks>
    public IEventStreamTransactionalLog? TransactionalLog { get; }

    public LogWriter Writer { get; }

    public LogFollower Follower { get; }

    public PageCache Pages { get; }

    public NodePresence Presence { get; }

    /// <summary>The runs of the log; null if it holds none.</summary>
    public LogRuns? Runs { get; }

    /// <summary>Reads the history of a channel; null if the log has no channel of this name.</summary>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejects the read.</exception>
    public async Task<KnownHistory?> ReadHistoryAsync(string channel)
    {
        var page = await ReadPageAsync(new(channel, long.MaxValue, 1, 1));
        return page.Epoch is { } epoch ? new(epoch, page.Continues) : null;
    }

    /// <summary>Reads a page of a channel, with others in one read of the log.</summary>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejects the read.</exception>
    public Task<EventStreamLogPage> ReadPageAsync(EventStreamLogRequest request) => _reads.ReadAsync(request, waitsForLog: false);

    // Creates no channel, and ignores a name that only another node has added.
    private void CountPublished(string channel, int count) => Channels.DefinitionOf(channel)?.Metrics.Published(count);

    public void Start()
    {
        _following = Follower.RunAsync(_stopping.Token);
        Presence.Start();
        Runs?.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Runs is not null) await Runs.StopAsync(cancellationToken);
        await Presence.StopAsync(cancellationToken);
        await _stopping.CancelAsync();
        await _following.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
