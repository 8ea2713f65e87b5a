using System.Diagnostics.Metrics;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>The metrics of the channels of one definition.</summary>
/// <remarks>The tag is the definition's name, because a pattern has too many channels for a tag of each.</remarks>
internal sealed class ChannelMetrics
{
    public const string ChannelTag = "event_stream.channel";
    public const string ReasonTag = "event_stream.gap.reason";
    public const string OutcomeTag = "event_stream.snapshot.outcome";

    private static readonly InstrumentAdvice<double> Latencies = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    };

    private readonly TimeProvider _time;
    private readonly KeyValuePair<string, object?> _channel;
    private readonly Counter<long>? _published;
    private readonly Counter<long>? _replayed;
    private readonly Counter<long>? _gaps;
    private readonly Counter<long>? _untoldGaps;
    private readonly Counter<long>? _snapshots;
    private readonly Counter<long>? _slow;
    private readonly Histogram<double>? _delivery;

    /// <param name="meter">The app's meter; null to measure nothing.</param>
    /// <param name="time">The app's clock.</param>
    /// <param name="definition">The name or pattern of the channels.</param>
    public ChannelMetrics(Meter? meter, TimeProvider time, string definition)
    {
        _time = time;
        _channel = new(ChannelTag, definition);
        _published = meter?.CreateCounter<long>("event_stream.channel.published", "{message}", "Messages published.");
        _replayed = meter?.CreateCounter<long>(
            "event_stream.channel.replayed", "{message}", "Messages written to subscribers that had been published before they joined.");
        _gaps = meter?.CreateCounter<long>("event_stream.channel.gaps", "{gap}", "Gaps announced to subscribers, by the reason.");
        _untoldGaps = meter?.CreateCounter<long>(
            "event_stream.channel.untold_gaps", "{gap}", "Gaps for which the subscribers' protocol has no event, by the reason.");
        _snapshots = meter?.CreateCounter<long>(
            "event_stream.channel.snapshots", "{snapshot}", "Snapshots sent to subscribers, by the outcome.");
        _slow = meter?.CreateCounter<long>(
            "event_stream.channel.slow_subscribers", "{subscriber}", "Subscribers that had to wait for a snapshot, each once.");
        _delivery = meter?.CreateHistogram(
            "event_stream.channel.delivery.duration",
            "s",
            "From publishing to the flush to a subscriber, of the oldest message in each flush.",
            advice: Latencies);
    }

    public void Published(int count)
    {
        if (_published is { Enabled: true }) _published.Add(count, _channel);
    }

    public void Replayed()
    {
        if (_replayed is { Enabled: true }) _replayed.Add(1, _channel);
    }

    public void GapAnnounced(EventStreamGapReason reason)
    {
        if (_gaps is { Enabled: true }) _gaps.Add(1, _channel, new(ReasonTag, GapJson.NameOf(reason)));
    }

    public void GapNotAnnounced(EventStreamGapReason reason)
    {
        if (_untoldGaps is { Enabled: true }) _untoldGaps.Add(1, _channel, new(ReasonTag, GapJson.NameOf(reason)));
    }

    public void SnapshotSent(bool isOvertaken)
    {
        if (_snapshots is { Enabled: true }) _snapshots.Add(1, _channel, new(OutcomeTag, isOvertaken ? "overtaken" : "current"));
    }

    public void SubscriberIsSlow()
    {
        if (_slow is { Enabled: true }) _slow.Add(1, _channel);
    }

    public void Delivered(long publishedAt)
    {
        if (_delivery is { Enabled: true }) _delivery.Record(_time.GetElapsedTime(publishedAt).TotalSeconds, _channel);
    }
}
