using EventStream.AspNetCore.Diagnostics;

namespace EventStream.AspNetCore.Channels;

/// <summary>Measures one subscriber's deliveries: replayed messages, and the delay of new ones.</summary>
/// <remarks>Owned by the subscriber's loop.</remarks>
/// <param name="newestAtOpen">The sequence up to which messages count as replayed.</param>
internal struct DeliveryMeasurement(long newestAtOpen)
{
    // When the first unflushed message was published; 0 if there is none.
    private long _flushing;

    /// <summary>Notes that a message was written, and is not flushed yet.</summary>
    public void Written(in RingEntry entry, ChannelMetrics metrics)
    {
        if (entry.Sequence <= newestAtOpen) metrics.Replayed();
        else if (_flushing == 0) _flushing = entry.PublishedAt;
    }

    /// <summary>Notes that the written messages were flushed.</summary>
    public void Flushed(ChannelMetrics metrics)
    {
        if (_flushing != 0) metrics.Delivered(_flushing);
        _flushing = 0;
    }
}
