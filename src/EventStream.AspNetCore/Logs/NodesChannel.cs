using System.Text.Json;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>One history of the channel through which the nodes inform each other, as this node has read it.</summary>
/// <remarks>If the log begins another history of the channel, another object replaces this one.</remarks>
internal sealed class NodesChannel
{
    public const string Name = "$nodes";

    private long _applied;
    private volatile NodesHistory? _history = new();

    /// <summary>Creates a channel that is not read before <see cref="Load"/>.</summary>
    /// <param name="log">This node's part of the log.</param>
    /// <param name="definition">The channel's definition.</param>
    /// <param name="observer">Creates the observer of its messages.</param>
    public NodesChannel(NodeLog log, ChannelDefinition definition, Func<NodesChannel, RingObserver> observer) =>
        Backing = new(new EventStreamChannel(log.Channels, Name, definition), log, observer(this));

    public LogBacking Backing { get; }

    /// <summary>Whether the log has begun another history.</summary>
    public bool IsOver => Backing.IsRetired;

    /// <summary>
    /// The messages that are older than this node's start, as far as they were read; null once all were read and applied.
    /// </summary>
    public NodesHistory? History => _history;

    /// <summary>Whether this node has read the history from its first message on.</summary>
    public bool IsWhole => Backing.IsWhole;

    /// <summary>The position through which this node has applied all messages; null until the history was read.</summary>
    public EventStreamPosition? Applied => _history is null ? PositionOf(Volatile.Read(ref _applied)) : null;

    public EventStreamPosition PositionOf(long sequence) => Backing.PositionAt(sequence);

    /// <summary>Begins to read the history.</summary>
    public void Load() => _ = Backing.CatchUpAsync();

    /// <summary>Marks that this node has applied the messages through a sequence.</summary>
    public void MarkApplied(long sequence) => Volatile.Write(ref _applied, sequence);

    /// <summary>Whether this node has applied a message, and all before it.</summary>
    public bool HasApplied(EventStreamPosition message) =>
        Applied is { } applied && applied.Epoch == message.Epoch && applied.Sequence >= message.Sequence;

    /// <summary>Marks that the history was read and applied.</summary>
    public void EndHistory() => _history = null;

    public async Task<EventStreamPosition> PublishAsync(string eventName, NodeMessage message, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, NodeMessageContext.Default.NodeMessage);
        var encoded = new MessageEncoder(Name, Backing.Definition).Encode(new EventStreamMessage { Event = eventName, Data = json });
        Backing.TryPublish(encoded, cancellationToken, out var position);
        return await position;
    }

    /// <summary>Reads the message of an entry; null if this version does not know its format.</summary>
    public static NodeMessage? Read(in RingEntry entry)
    {
        var frame = entry.FrameWithoutId;
        try
        {
            var json = frame[(frame.IndexOf("\ndata: "u8) + 7)..].TrimEnd((byte)'\n');
            return JsonSerializer.Deserialize(json, NodeMessageContext.Default.NodeMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
