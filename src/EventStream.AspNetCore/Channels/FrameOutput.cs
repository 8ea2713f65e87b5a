using System.Buffers;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>Writes a subscriber's messages as frames, up to the size of a burst.</summary>
internal sealed class FrameOutput() : SubscriberOutput(BatchSize)
{
    /// <summary>About how many bytes are copied before a flush; a slow client's pipe would not take more at once.</summary>
    private const int MaxBurst = 32 * 1024;

    private const int BatchSize = 64;

    // One for each thread, because idle subscribers would otherwise keep a batch each.
    [ThreadStatic]
    private static FrameOutput? _free;

    // The arguments of the current call.
    private ChannelReading? _reading;
    private IBufferWriter<byte>? _output;
    private int _written;

    public override bool IsFull => _written >= MaxBurst;

    private EventStreamProtocol Protocol => _reading!.Protocol!;

    /// <summary>Writes the available messages, and returns the number of bytes.</summary>
    public static int Write(SubscriberReader reader, ChannelReading reading, IBufferWriter<byte> output)
    {
        var frames = _free ?? new FrameOutput();
        _free = null;
        frames._reading = reading;
        frames._output = output;
        frames._written = 0;
        reader.Read(frames);
        frames._reading = null;
        frames._output = null;
        _free = frames;
        return frames._written;
    }

    public override void Write(ref SubscriberPlace place, in RingEntry entry)
    {
        var name = _reading!.EventNameOf(entry.Event);
        _written += name == entry.Event ? place.WriteMessage(_output!, entry) : place.WriteMessage(_output!, entry, name);
    }

    // The id of the gap is the position after which the stream continues.
    public override bool TryWrite(ref SubscriberPlace place, PendingGap pending, EventStreamGap gap, bool hasSnapshot)
    {
        var written = pending.Write(_output!, Protocol, gap, hasSnapshot ? null : place.Id);
        _written += written;
        return written > 0;
    }

    public override void Write(ref SubscriberPlace place, Snapshot snapshot)
    {
        var frames = (SnapshotFrames)snapshot;
        _written += frames.Parts.WriteTo(_output!);
        if (!Protocol.IdOnlyFrames && frames.HasLast) _written += place.WriteIdLine(_output!);
        _written += frames.Last.WriteTo(_output!) + place.Write(_output!, Protocol);
    }

    public override void WritePosition(ref SubscriberPlace place)
    {
        if (place.IsUnsent && Protocol.First is { } first) WriteFirst(ref place, first);
        else _written += place.Write(_output!, Protocol);
    }

    /// <summary>Writes the protocol's first event, for a client for which there is no message yet.</summary>
    private void WriteFirst(ref SubscriberPlace place, EventStreamNotice<EventStreamBoundary> first)
    {
        var (id, channel) = (place.Id, _reading!.Channel);
        _written += FrameEncoder.WriteWithId(_output!, id, first.MessageFor(new(channel.Name, id)), channel.Definition.Host.Json);
        place.UpdateMergedId();
        place.MarkSent();
    }
}
