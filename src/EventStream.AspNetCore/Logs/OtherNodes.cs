using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>The other nodes that share the log, as far as this node has read about them in the nodes' channel.</summary>
internal sealed class OtherNodes(TimeProvider time)
{
    /// <summary>How long a node counts as running after its last message.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();

    // All under _gate.
    private readonly Dictionary<string, OtherNode> _nodes = new(StringComparer.Ordinal);

    // The timestamp from which this node knows every running node: a node that is not in the history announces itself within Lifetime.
    private long _knowsAllFrom = long.MaxValue;
    private TaskCompletionSource? _changed;

    /// <summary>Completes at the next change. Get it before you look at the nodes, so that you miss no change.</summary>
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

    /// <summary>Applies a node's message about itself.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">The position of the message.</param>
    /// <param name="seenAt">When the message was read.</param>
    /// <param name="isAll">Whether the message has all counts of the node.</param>
    /// <returns>Whether the node has just started, and does not know this one.</returns>
    public bool Update(NodeMessage message, EventStreamPosition at, long seenAt, bool isAll)
    {
        lock (_gate)
        {
            var known = _nodes.GetValueOrDefault(message.Node);
            Dictionary<string, int> counts =
                isAll || known is null ? new(StringComparer.Ordinal) : new(known.Counts, StringComparer.Ordinal);
            foreach (var (channel, count) in message.Counts) counts[channel] = count;
            EventStreamPosition? applied = message.Epoch is null ? null : new(message.Epoch, message.AppliedThrough);
            _nodes[message.Node] = new(seenAt, known?.Since ?? at, applied, counts);
            return isAll && known is null;
        }
    }

    public void Remove(string node)
    {
        lock (_gate) _nodes.Remove(node);
    }

    /// <summary>Removes the nodes that have sent no message for <see cref="Lifetime"/>.</summary>
    public void RemoveExpired()
    {
        lock (_gate)
        {
            foreach (var (name, _) in _nodes.Where(node => !IsAlive(node.Value)).ToArray()) _nodes.Remove(name);
        }
    }

    /// <summary>Removes all nodes, because the channel has another history.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _nodes.Clear();
            _knowsAllFrom = long.MaxValue;
        }
    }

    /// <summary>Converts the times of the nodes, which were the log's while the channel's history was read, to this clock.</summary>
    /// <param name="shift">The difference between this clock and the log's.</param>
    /// <param name="areAllKnown">Whether the history covers more than <see cref="Lifetime"/>.</param>
    public void HistoryIsRead(long shift, bool areAllKnown)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            foreach (var (name, node) in _nodes.ToArray()) _nodes[name] = node with { SeenAt = Math.Min(now, node.SeenAt + shift) };
            _knowsAllFrom = areAllKnown ? now : now + time.TimestampsIn(Lifetime);
        }
    }

    /// <summary>Marks that messages are missing, one of which may have announced a node.</summary>
    public void OnGap()
    {
        lock (_gate) _knowsAllFrom = time.GetTimestamp() + time.TimestampsIn(Lifetime);
    }

    /// <summary>Gets the running nodes that are older than a message, and have not confirmed that they applied it.</summary>
    public IReadOnlyList<string> Unconfirmed(EventStreamPosition message)
    {
        lock (_gate)
        {
            return [.. _nodes.Where(node => IsWaitedFor(node.Value, message)).Select(node => node.Key)];
        }
    }

    /// <summary>Whether every node that is older than a message has confirmed it, and no node is unknown.</summary>
    public bool HaveAllConfirmed(EventStreamPosition message)
    {
        lock (_gate) return time.GetTimestamp() >= _knowsAllFrom && !_nodes.Values.Any(node => IsWaitedFor(node, message));
    }

    /// <summary>Completes <see cref="Changed"/>.</summary>
    public void Signal()
    {
        TaskCompletionSource? changed;
        lock (_gate) (changed, _changed) = (_changed, null);
        changed?.TrySetResult();
    }

    private bool IsWaitedFor(OtherNode node, EventStreamPosition message) =>
        IsAlive(node) && !(node.Since >= message) && !(node.Applied >= message);

    private bool IsAlive(OtherNode node) => time.GetElapsedTime(node.SeenAt) < Lifetime;

    private sealed record OtherNode(
        long SeenAt, EventStreamPosition Since, EventStreamPosition? Applied, IReadOnlyDictionary<string, int> Counts);
}
