using System.Text.Json;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>One history of the channel in which the nodes talk, as this node hears it.</summary>
/// <remarks>Another one takes its place where the log begins anew.</remarks>
internal sealed class NodesChannel
{
    public const string Name = "$nodes";

    private long _heard;
    private volatile NodesHistory? _history = new();

    /// <summary>Makes a channel that is not read before <see cref="Load"/>.</summary>
    /// <param name="log">What this node has of the log.</param>
    /// <param name="definition">The channel's definition.</param>
    /// <param name="listener">Makes what hears its messages.</param>
    public NodesChannel(NodeLog log, ChannelDefinition definition, Func<NodesChannel, RingListener> listener) =>
        Backing = new(new EventStreamChannel(log.Channels, Name, definition), log, listener(this));

    public LogBacking Backing { get; }

    /// <summary>Whether the log has another history by now.</summary>
    public bool IsOver => Backing.IsRetired;

    /// <summary>What was read so far of what was there before; null once all of it was read and dealt with.</summary>
    public NodesHistory? History => _history;

    /// <summary>Whether its history was read from its very beginning.</summary>
    public bool IsWhole => Backing.IsWhole;

    /// <summary>How far this node has read, and has done what the messages say; null as long as it reads the history.</summary>
    public EventStreamPosition? Heard => _history is null ? PositionOf(Volatile.Read(ref _heard)) : null;

    public EventStreamPosition PositionOf(long sequence) => Backing.PositionAt(sequence);

    /// <summary>Begins to read its history.</summary>
    public void Load() => _ = Backing.CatchUpAsync();

    /// <summary>What the message with a sequence says was done.</summary>
    public void Hear(long sequence) => Volatile.Write(ref _heard, sequence);

    /// <summary>Whether this node has done what a message says, and all before it.</summary>
    public bool HasHeard(EventStreamPosition message) =>
        Heard is { } heard && heard.Epoch == message.Epoch && heard.Sequence >= message.Sequence;

    /// <summary>The history was dealt with.</summary>
    public void EndHistory() => _history = null;

    public async Task<EventStreamPosition> SayAsync(string what, NodeNews news, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(news, NodeNewsContext.Default.NodeNews);
        var message = new MessageEncoder(Name, Backing.Definition).Encode(new EventStreamMessage { Event = what, Data = json });
        Backing.TryPublish(message, cancellationToken, out var position);
        return await position;
    }

    /// <summary>What a message says; null if no node of this version has written it.</summary>
    public static NodeNews? Read(in RingEntry entry)
    {
        var frame = entry.FrameWithoutId;
        try
        {
            var json = frame[(frame.IndexOf("\ndata: "u8) + 7)..].TrimEnd((byte)'\n');
            return JsonSerializer.Deserialize(json, NodeNewsContext.Default.NodeNews);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
