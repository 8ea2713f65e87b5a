using EventStream.AspNetCore.Diagnostics;

namespace EventStream.AspNetCore.Channels;

/// <summary>Measures what one subscriber is sent: replayed messages, and how long new ones took. Owned by the subscriber's loop.</summary>
/// <param name="metrics">The channel's metrics.</param>
/// <param name="newestAtOpen">The sequence up to which messages count as replayed.</param>
internal struct DeliveryMeasurement(ChannelMetrics metrics, long newestAtOpen)
{
    // When the first message of what is being flushed was published; 0: none is.
    private long _flushing;

    /// <summary>A message was written, and is flushed next.</summary>
    public void Written(in RingEntry entry)
    {
        if (entry.Sequence <= newestAtOpen) metrics.Replayed();
        else if (_flushing == 0) _flushing = entry.PublishedAt;
    }

    /// <summary>What was written is flushed.</summary>
    public void Flushed()
    {
        if (_flushing != 0) metrics.Delivered(_flushing);
        _flushing = 0;
    }
}
