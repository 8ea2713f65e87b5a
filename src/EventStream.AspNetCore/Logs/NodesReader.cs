using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Reads the messages of the other nodes, and applies them on this node.</summary>
/// <param name="log">This node's part of the log.</param>
/// <param name="host">The app.</param>
/// <param name="node">The name of this node.</param>
/// <param name="others">The other nodes.</param>
/// <param name="lease">The lease that a read renews.</param>
/// <param name="announce">Makes this node announce itself, because another node does not know it.</param>
/// <param name="confirm">Makes this node publish how far it has applied the channel, because another node waits for that.</param>
internal sealed class NodesReader(
    NodeLog log,
    StreamHost host,
    string node,
    OtherNodes others,
    NodeLease lease,
    Action announce,
    Action confirm)
{
    // Without a meter, because this is not a channel of the app's.
    private readonly ChannelDefinition _definition = new(
        NodesChannel.Name,
        new(),
        new ChannelMetrics(meter: null, host.Time, NodesChannel.Name),
        EventStreamProtocol.Default,
        host,
        hasLog: true);
    private readonly Lock _gate = new();

    // All under _gate: the nodes' channel, whether the log has begun another history of it, and since when this node has not read it.
    private NodesChannel? _channel;
    private bool _hasRestarted;
    private long _unreadSince = host.Time.GetTimestamp();
    private long _readAt;

    /// <summary>The current history of the nodes' channel.</summary>
    public NodesChannel Channel
    {
        get
        {
            lock (_gate)
            {
                if (_channel is { IsOver: false }) return _channel;
                if (_channel is not null) Restart();
                announce();
                return _channel = new(
                    log,
                    _definition,
                    channel => new(entry => Apply(channel, entry), () => OnGap(channel), began => OnCaughtUp(channel, began)));
            }
        }
    }

    /// <summary>The time since the begin of the last read that reached the end of the channel.</summary>
    public TimeSpan Age => host.Time.GetElapsedTime(Volatile.Read(ref _readAt));

    /// <summary>Schedules a read of the new messages.</summary>
    public void Read() => log.Follower.Follow(Channel.Backing);

    // Under _gate. As in OnGap, it is unknown what was revoked. No other node is known any more.
    private void Restart()
    {
        _hasRestarted = true;
        _unreadSince = host.Time.GetTimestamp();
        lease.Restart();
        others.Clear();
        log.Channels.Disconnect(selector: null);
    }

    // A missing message may have selected any stream. So all streams end; their clients reconnect and are authorized again.
    private void OnGap(NodesChannel channel)
    {
        channel.History?.OnGap();
        if (channel.History is not null) return;
        log.Channels.Disconnect(selector: null);
        others.OnGap();
    }

    private void Apply(NodesChannel channel, RingEntry entry)
    {
        var history = channel.History;
        history?.Add(entry.PublishedAt);
        var mustConfirm = false;
        if (NodesChannel.Read(entry) is not { } message) OnGap(channel);
        else if (message.Node == node) history?.Announced(entry.PublishedAt);
        else if (entry.Event == NodeMessage.Leaving) others.Remove(message.Node);
        else if (entry.Event == NodeMessage.Disconnect) mustConfirm = Disconnect(message.Selector, history, entry.PublishedAt);
        else if (message.Run is { } run) ApplyToRun(entry.Event, run, isNew: history is null);
        else Update(message, channel, entry);

        // Before the confirmation, which has this sequence.
        channel.MarkApplied(entry.Sequence);
        others.Signal();
        if (mustConfirm) confirm();
    }

    private void ApplyToRun(string? eventName, string run, bool isNew)
    {
        if (!isNew || log.Runs is not { } runs) return;
        if (eventName == NodeMessage.StopRun) runs.StopRequested(run);
        else if (eventName == NodeMessage.RunGivenUp) runs.GivenUp(run);
    }

    private void Update(NodeMessage message, NodesChannel channel, RingEntry entry)
    {
        var isHistory = channel.History is not null;
        var seenAt = isHistory ? entry.PublishedAt : host.Time.GetTimestamp();
        var isNew = others.Update(message, channel.PositionOf(entry.Sequence), seenAt, isAll: entry.Event == NodeMessage.AllCounts);
        if (isNew && !isHistory) announce();
    }

    private bool Disconnect(EventStreamSelector? selector, NodesHistory? history, long at)
    {
        if (history is null) log.Channels.Disconnect(selector);
        else history.Revoked(selector, at);
        return history is null;
    }

    private void OnCaughtUp(NodesChannel channel, long began)
    {
        Volatile.Write(ref _readAt, began);
        if (channel.History is { } history) EndHistory(history, channel);
        lease.Read(began, channel.Applied!.Value);
        others.Signal();
    }

    private void EndHistory(NodesHistory history, NodesChannel channel)
    {
        var now = host.Time.GetTimestamp();
        var unread = now - _unreadSince;
        var selectors = channel.IsWhole || history.GoesBackFor(unread) ? history.RevokedWithin(unread).ToArray() : [null];
        foreach (var selector in selectors) log.Channels.Disconnect(selector);
        var knowsAll = channel.IsWhole || history.GoesBackFor(host.Time.TimestampsIn(OtherNodes.Lifetime));
        others.HistoryIsRead(history.ShiftTo(now), knowsAll && !_hasRestarted);
        channel.EndHistory();
        if (selectors.Length > 0) confirm();
    }
}
