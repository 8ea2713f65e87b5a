using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>The other nodes that share the log, as far as this node has heard them in the nodes' channel.</summary>
internal sealed class OtherNodes(TimeProvider time)
{
    /// <summary>How long after it was heard a node counts as running.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();

    // All under _gate.
    private readonly Dictionary<string, OtherNode> _nodes = new(StringComparer.Ordinal);

    // The timestamp from which every node that runs is known: one that is not in the history announces itself within its lifetime.
    private long _knowsAllFrom = long.MaxValue;
    private TaskCompletionSource? _changed;

    /// <summary>Completes when something has changed since it was asked for. Ask for it first, and then look.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public int CountOf(string channel)
    {
        lock (_gate) return _nodes.Values.Where(IsAlive).Sum(node => node.Counts.GetValueOrDefault(channel));
    }

    /// <summary>Takes in what a node tells.</summary>
    /// <param name="news">What it tells.</param>
    /// <param name="at">Where it is in the channel.</param>
    /// <param name="heardAt">When it was heard.</param>
    /// <param name="isAll">Whether that is all there is to tell.</param>
    /// <returns>Whether the node has just come, and does not know this one.</returns>
    public bool Hear(NodeNews news, EventStreamPosition at, long heardAt, bool isAll)
    {
        lock (_gate)
        {
            var known = _nodes.GetValueOrDefault(news.Node);
            Dictionary<string, int> counts =
                isAll || known is null ? new(StringComparer.Ordinal) : new(known.Counts, StringComparer.Ordinal);
            foreach (var (channel, count) in news.Counts) counts[channel] = count;
            EventStreamPosition? heard = news.Epoch is null ? null : new(news.Epoch, news.Heard);
            _nodes[news.Node] = new(heardAt, known?.Since ?? at, heard, counts);
            return isAll && known is null;
        }
    }

    public void Leave(string node)
    {
        lock (_gate) _nodes.Remove(node);
    }

    /// <summary>Forgets those that were not heard for their lifetime.</summary>
    public void RemoveExpired()
    {
        lock (_gate)
        {
            foreach (var (name, _) in _nodes.Where(node => !IsAlive(node.Value)).ToArray()) _nodes.Remove(name);
        }
    }

    /// <summary>Forgets all, because the channel has another history.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _nodes.Clear();
            _knowsAllFrom = long.MaxValue;
        }
    }

    /// <summary>The channel's history was read: until now the times were those at which the messages were appended.</summary>
    /// <param name="shift">What turns a time of the log into one of this clock.</param>
    /// <param name="areAllKnown">Whether the history goes back for longer than a node's lifetime.</param>
    public void HistoryIsRead(long shift, bool areAllKnown)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            foreach (var (name, node) in _nodes.ToArray()) _nodes[name] = node with { HeardAt = Math.Min(now, node.HeardAt + shift) };
            _knowsAllFrom = areAllKnown ? now : now + time.TimestampsIn(Lifetime);
        }
    }

    /// <summary>Messages were missed: a node may have announced itself in one of them.</summary>
    public void Miss()
    {
        lock (_gate) _knowsAllFrom = time.GetTimestamp() + time.TimestampsIn(Lifetime);
    }

    /// <summary>The nodes that run, were there before a message, and have not told that they have read it.</summary>
    public IReadOnlyList<string> Unconfirmed(EventStreamPosition message)
    {
        lock (_gate)
        {
            return [.. _nodes.Where(node => IsWaitedFor(node.Value, message)).Select(node => node.Key)];
        }
    }

    /// <summary>Whether every node that was there before a message has told that it has read it, and no other node can be there.</summary>
    public bool HaveAllHeard(EventStreamPosition message)
    {
        lock (_gate) return time.GetTimestamp() >= _knowsAllFrom && !_nodes.Values.Any(node => IsWaitedFor(node, message));
    }

    /// <summary>Lets those look again who wait for a change.</summary>
    public void Signal()
    {
        TaskCompletionSource? changed;
        lock (_gate) (changed, _changed) = (_changed, null);
        changed?.TrySetResult();
    }

    private bool IsWaitedFor(OtherNode node, EventStreamPosition message) =>
        IsAlive(node) && !(node.Since >= message) && !(node.Heard >= message);

    private bool IsAlive(OtherNode node) => time.GetElapsedTime(node.HeardAt) < Lifetime;

    private sealed record OtherNode(
        long HeardAt, EventStreamPosition Since, EventStreamPosition? Heard, IReadOnlyDictionary<string, int> Counts);
}
