using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Hears what the other nodes say, and does what follows from it on this node.</summary>
/// <param name="log">What this node has of the log.</param>
/// <param name="host">The app.</param>
/// <param name="node">The name of this node.</param>
/// <param name="others">What is known of the other nodes.</param>
/// <param name="lease">What is renewed by reading.</param>
/// <param name="introduce">Has this node announce itself, because another one does not know it.</param>
/// <param name="answer">Has this node tell how far it has heard, because another one waits for that.</param>
internal sealed class NodesReader(
    NodeLog log,
    StreamHost host,
    string node,
    OtherNodes others,
    NodeLease lease,
    Action introduce,
    Action answer)
{
    // Not measured: it is no channel of the app's.
    private readonly ChannelDefinition _definition = new(
        NodesChannel.Name,
        new(),
        new ChannelMetrics(meter: null, host.Time, NodesChannel.Name),
        EventStreamProtocol.Default,
        host,
        hasLog: true);
    private readonly Lock _gate = new();

    // All under _gate: the nodes' channel, whether the log has begun another history of it, and since when this node has not heard it.
    private NodesChannel? _channel;
    private bool _hasRestarted;
    private long _unheardSince = host.Time.GetTimestamp();
    private long _readAt;

    /// <summary>The nodes' channel as it is now.</summary>
    public NodesChannel Channel
    {
        get
        {
            lock (_gate)
            {
                if (_channel is { IsOver: false }) return _channel;
                if (_channel is not null) Restart();
                introduce();
                return _channel = new(
                    log,
                    _definition,
                    channel => new(entry => Hear(channel, entry), () => Miss(channel), began => CaughtUp(channel, began)));
            }
        }
    }

    /// <summary>How long ago the last read began that has reached the end of the channel.</summary>
    public TimeSpan Age => host.Time.GetElapsedTime(Volatile.Read(ref _readAt));

    /// <summary>Reads what is new, soon.</summary>
    public void Read() => log.Follower.Follow(Channel.Backing);

    // Under _gate. Whose streams were to end is not known, as in Miss, and no node is known any more.
    private void Restart()
    {
        _hasRestarted = true;
        _unheardSince = host.Time.GetTimestamp();
        lease.Restart();
        others.Clear();
        log.Channels.Disconnect(user: null);
    }

    // Whose streams were to end is not known, so every user comes back and is authorized anew.
    private void Miss(NodesChannel channel)
    {
        channel.History?.Miss();
        if (channel.History is not null) return;
        log.Channels.Disconnect(user: null);
        others.Miss();
    }

    private void Hear(NodesChannel channel, RingEntry entry)
    {
        var history = channel.History;
        history?.Add(entry.PublishedAt);
        var isAsked = false;
        if (NodesChannel.Read(entry) is not { } news) Miss(channel);
        else if (news.Node == node) history?.Announced(entry.PublishedAt);
        else if (entry.Event == NodeNews.Bye) others.Leave(news.Node);
        else if (entry.Event == NodeNews.Disconnect) isAsked = Disconnect(news.Counts.Keys, history, entry.PublishedAt);
        else if (HearOther(news) && history is null) introduce();

        // Before the answer, which says how far this node has heard.
        channel.Hear(entry.Sequence);
        others.Signal();
        if (isAsked) answer();

        bool HearOther(NodeNews news)
        {
            var heardAt = history is null ? host.Time.GetTimestamp() : entry.PublishedAt;
            return others.Hear(news, channel.PositionOf(entry.Sequence), heardAt, isAll: entry.Event == NodeNews.All);
        }
    }

    private bool Disconnect(IEnumerable<string> users, NodesHistory? history, long at)
    {
        foreach (var user in users)
        {
            if (history is null) log.Channels.Disconnect(user);
            else history.Revoked(user, at);
        }

        return history is null;
    }

    private void CaughtUp(NodesChannel channel, long began)
    {
        Volatile.Write(ref _readAt, began);
        if (channel.History is { } history) End(history, channel);
        lease.Read(began, channel.Heard!.Value);
        others.Signal();
    }

    private void End(NodesHistory history, NodesChannel channel)
    {
        var now = host.Time.GetTimestamp();
        var unheard = now - _unheardSince;
        var users = channel.IsWhole || history.GoesBackFor(unheard) ? history.RevokedWithin(unheard).ToArray<string?>() : [null];
        foreach (var user in users) log.Channels.Disconnect(user);
        var knowsAll = channel.IsWhole || history.GoesBackFor(host.Time.TimestampsIn(OtherNodes.Lifetime));
        others.HistoryIsRead(history.ShiftTo(now), knowsAll && !_hasRestarted);
        channel.EndHistory();
        if (users.Length > 0) answer();
    }
}
