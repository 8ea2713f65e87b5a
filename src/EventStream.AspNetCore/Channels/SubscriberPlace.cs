using System.Buffers;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Where a subscriber is in its channel, and which position its client was told. Part of <see cref="SubscriberReader"/>.</summary>
/// <remarks>Owned by the subscriber's loop. Any thread may read <see cref="Position"/>.</remarks>
internal struct SubscriberPlace
{
    private readonly ChannelBacking _channel;

    // The id of several channels, and this channel's index in it; null: the stream is of one channel.
    private readonly MergedId? _mergedId;
    private readonly int _index;

    // Written by the loop, and read by any thread.
    private volatile ChannelHistory _history;
    private long _position;
    private long _told;

    public SubscriberPlace(ChannelBacking channel, ChannelHistory history, MergedId? mergedId, int index, long position)
    {
        _channel = channel;
        _history = history;
        _mergedId = mergedId;
        _index = index;
        _position = _told = position;
        IsUntold = true;
    }

    /// <summary>The sequence up to which everything was written, or passed over.</summary>
    public readonly long Position => Volatile.Read(in _position);

    /// <summary>Whether the client was not told a position yet: cut before its first message, it would not resume here.</summary>
    public bool IsUntold { get; private set; }

    /// <summary>The id that the client has by what was written.</summary>
    public readonly string LastId => _mergedId?.ToString() ?? IdAt(_told);

    /// <summary>The id of this place. That of several channels counts only once an event with it is written.</summary>
    public readonly string Id => _mergedId is null ? IdAt(_position) : _mergedId.At(_index, _position);

    /// <summary>
    /// Whether the client must be told its position, because it would otherwise resume far behind, or from one that is evicted.
    /// </summary>
    public readonly bool IsDue =>
        IsUntold || _position - _told >= TellAfter || (_position > _told && _told < _channel.BeforeOldestOf(_history));

    /// <summary>The history in which this place is.</summary>
    public readonly ChannelHistory History => _history;

    // How many messages may be passed over before the client is told its position.
    private readonly long TellAfter => Math.Max(1, _channel.Definition.Options.Capacity / 4);

    /// <summary>Goes on in the history that follows this one, at the same position.</summary>
    public void Follow()
    {
        if (_history.Successor is not { } successor) return;
        _history = successor;
        _mergedId?.Continue(_index, successor);
    }

    public void MoveTo(long sequence) => Volatile.Write(ref _position, sequence);

    /// <summary>Notes that the client was told this place by something with its id.</summary>
    public void Tell()
    {
        _told = _position;
        IsUntold = false;
    }

    /// <summary>Notes that the client was told this place, and has ids of other channels written that lead back to it.</summary>
    public void TellOthers() => _mergedId?.Begin(_index, _position);

    /// <summary>Writes a message with its id, which is this place's.</summary>
    public int WriteMessage(IBufferWriter<byte> output, in RingEntry entry)
    {
        Tell();
        if (_mergedId is null) return SharedPart.Write(output, entry.Bytes.AsMemory(entry.IdStart));
        return _mergedId.WriteLine(output, _index, entry.Sequence) + SharedPart.Write(output, entry.Bytes.AsMemory(entry.BodyStart));
    }

    /// <summary>Writes a message with its id, and with another event name than it has in its channel.</summary>
    /// <remarks>Only the line of the name is this stream's own. What is around it is shared, and not encoded again.</remarks>
    public int WriteMessage(IBufferWriter<byte> output, in RingEntry entry, string? eventName)
    {
        Tell();
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

    /// <summary>Moves the client here by a frame that dispatches nothing, where the protocol has such frames.</summary>
    public int Write(IBufferWriter<byte> output, EventStreamProtocol protocol)
    {
        Tell();
        var written = protocol.IdOnlyFrames ? WriteIdLine(output) : 0;
        if (written == 0) return 0;
        output.Write("\n"u8);
        return written + 1;
    }

    private readonly string IdAt(long sequence) => _history.PositionAt(sequence).ToString();
}
