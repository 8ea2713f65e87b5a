using System.Buffers;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Where a subscriber is in its channel, and which position its client was told. Part of <see cref="SubscriberOutput"/>.</summary>
/// <remarks>Owned by the subscriber's loop. Any thread may read <see cref="Position"/>.</remarks>
internal struct SubscriberPlace
{
    private readonly EventStreamChannel _channel;

    // The ids of a connection that cannot share them, and the channel's index in them; null: the channel's own.
    private readonly SubscriberIds? _ids;
    private readonly int _index;
    private long _position;
    private long _told;

    public SubscriberPlace(EventStreamChannel channel, SubscriberIds? ids, int index, long position)
    {
        _channel = channel;
        _ids = ids;
        _index = index;
        _position = _told = position;
        IsUntold = true;
    }

    /// <summary>The sequence up to which everything was written, or passed over.</summary>
    public readonly long Position => Volatile.Read(in _position);

    /// <summary>Whether the client was not told a position yet: cut before its first message, it would not resume here.</summary>
    public bool IsUntold { get; private set; }

    /// <summary>The id that the client has by what was written.</summary>
    public readonly string? LastId => _ids?.ToString() ?? _channel.IdAt(_told);

    /// <summary>The id of this place. That of several channels counts only once an event with it is written.</summary>
    public readonly string? Id => _ids is null ? _channel.IdAt(_position) : _ids.At(_index, _position);

    /// <summary>Whether the client must be told its position, because it would otherwise resume far behind, or from one that is evicted.</summary>
    public readonly bool IsDue =>
        IsUntold || _position - _told >= _channel.TellAfter || (_position > _told && _told < _channel.BeforeOldest);

    public void MoveTo(long sequence) => Volatile.Write(ref _position, sequence);

    /// <summary>Notes that the client was told this place by something with its id.</summary>
    public void Tell()
    {
        _told = _position;
        IsUntold = false;
    }

    /// <summary>Notes that the client was told this place, and has ids of other channels written that lead back to it.</summary>
    public void TellOthers() => _ids?.Begin(_index, _position);

    /// <summary>Writes a message with its id, which is this place's.</summary>
    public int WriteMessage(IBufferWriter<byte> output, in LogEntry entry)
    {
        Tell();
        if (_ids is null) return SharedPart.Write(output, entry.Bytes.AsMemory(entry.IdStart));
        return _ids.WriteLine(output, _index, entry.Sequence) + SharedPart.Write(output, entry.Bytes.AsMemory(entry.BodyStart));
    }

    /// <summary>Writes the id line of this place; 0 bytes if it has no id.</summary>
    public readonly int WriteIdLine(IBufferWriter<byte> output)
    {
        if (_ids is not null) return _ids.WriteLine(output, _index, _position);
        return _channel.IdAt(_position) is { } id ? FrameEncoder.WriteIdLine(output, id) : 0;
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
}
