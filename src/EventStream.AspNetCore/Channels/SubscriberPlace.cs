using System.Buffers;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>The position of a subscriber in its channel, and the position that its client was sent.</summary>
/// <remarks>
/// Part of <see cref="SubscriberReader"/>, and owned by the subscriber's loop. Any thread may read <see cref="Position"/>.
/// </remarks>
internal struct SubscriberPlace
{
    // How often the client is sent its position while as many messages as the channel retains are skipped.
    private const int SendsInCapacity = 4;

    // The id of a stream of several channels, and this channel's index in it; null for a stream of one channel.
    private readonly MergedId? _mergedId;
    private readonly int _index;

    // Written only by the loop; any thread reads them.
    private volatile ChannelHistory _history;
    private long _position;
    private long _sent;

    public SubscriberPlace(ChannelHistory history, MergedId? mergedId, int index, long position)
    {
        _history = history;
        _mergedId = mergedId;
        _index = index;
        _position = _sent = position;
        IsUnsent = true;
    }

    /// <summary>The sequence up to which every message was written, or skipped.</summary>
    public readonly long Position => Volatile.Read(in _position);

    /// <summary>Whether the client was sent no position yet. If its connection breaks now, it cannot resume here.</summary>
    public bool IsUnsent { get; private set; }

    /// <summary>The client's last event id, once it has received all frames that were written.</summary>
    public readonly string LastId => _mergedId?.ToString() ?? IdAt(_sent);

    /// <summary>The id of this place. An id of several channels counts only after an event with it was written.</summary>
    public readonly string Id => _mergedId is null ? IdAt(_position) : _mergedId.At(_index, _position);

    /// <summary>Whether the client must be sent its position, because it would otherwise resume far behind, or get a gap.</summary>
    public readonly bool IsDueIn(ChannelBacking channel) =>
        IsUnsent
            || _position - _sent >= Math.Max(1, channel.Definition.Options.Capacity / SendsInCapacity)
            || (_position > _sent && _sent < channel.BeforeOldestOf(_history));

    /// <summary>The history of this place.</summary>
    public readonly ChannelHistory History => _history;

    /// <summary>Continues in the history's successor, at the same position.</summary>
    public void Follow()
    {
        if (_history.Successor is not { } successor) return;
        _history = successor;
        _mergedId?.Continue(_index, successor);
    }

    public void MoveTo(long sequence) => Volatile.Write(ref _position, sequence);

    /// <summary>Notes that the client was sent this place by a frame with its id.</summary>
    public void MarkSent()
    {
        _sent = _position;
        IsUnsent = false;
    }

    /// <summary>Updates the id of several channels, so that the next ids of other channels include this place.</summary>
    public void UpdateMergedId() => _mergedId?.Begin(_index, _position);

    /// <summary>Writes a message with the id of this place.</summary>
    public int WriteMessage(IBufferWriter<byte> output, in RingEntry entry)
    {
        MarkSent();
        if (_mergedId is null) return SharedPart.Write(output, entry.Bytes.AsMemory(entry.IdStart));
        return _mergedId.WriteLine(output, _index, entry.Sequence) + SharedPart.Write(output, entry.Bytes.AsMemory(entry.BodyStart));
    }

    /// <summary>Writes a message with the id of this place, and with another event name.</summary>
    /// <remarks>Only the event line is written for this stream alone. The bytes around it are shared, and not encoded again.</remarks>
    public int WriteMessage(IBufferWriter<byte> output, in RingEntry entry, string? eventName)
    {
        MarkSent();
        var body = entry.Bytes.AsMemory(entry.BodyStart);
        var line = EventLine.Find(body.Span);
        var id = _mergedId is null
            ? SharedPart.Write(output, entry.Bytes.AsMemory(entry.IdStart..entry.BodyStart))
            : _mergedId.WriteLine(output, _index, entry.Sequence);
        var comments = SharedPart.Write(output, body[..line.Start]);
        return id + comments + EventLine.Write(output, eventName) + SharedPart.Write(output, body[line.End..]);
    }

    /// <summary>Writes the id line of this place.</summary>
    public readonly int WriteIdLine(IBufferWriter<byte> output)
    {
        if (_mergedId is not null) return _mergedId.WriteLine(output, _index, _position);
        return FrameEncoder.WriteIdLine(output, IdAt(_position));
    }

    /// <summary>Sends this place by a frame with only an id, if the protocol has such frames.</summary>
    public int Write(IBufferWriter<byte> output, EventStreamProtocol protocol)
    {
        MarkSent();
        var written = protocol.IdOnlyFrames ? WriteIdLine(output) : 0;
        if (written == 0) return 0;
        output.Write("\n"u8);
        return written + 1;
    }

    private readonly string IdAt(long sequence) => _history.PositionAt(sequence).ToString();
}
