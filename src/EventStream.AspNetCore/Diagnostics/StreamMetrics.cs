using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Diagnostics;

/// <summary>The meter <c>EventStream.AspNetCore</c> of one app.</summary>
internal sealed class StreamMetrics
{
    public const string MeterName = "EventStream.AspNetCore";
    public const string EndReasonTag = "event_stream.end_reason";
    public const string OutcomeTag = "event_stream.reauthorization.outcome";
    public const string RefusalReasonTag = "event_stream.refusal_reason";
    public const string RouteTag = "http.route";

    // Streams last from a moment to a working day.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.1, 1, 10, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400],
    };

    private static readonly InstrumentAdvice<double> Latencies = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    };

    private readonly TimeProvider _time;
    private readonly UpDownCounter<long> _active;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _timeToFirstByte;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _reauthorizations;
    private readonly Counter<long> _refused;

    public StreamMetrics(IMeterFactory? factory, TimeProvider time)
    {
        _time = time;
        var meter = Meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _active = meter.CreateUpDownCounter<long>("event_stream.server.active_streams", "{stream}", "Streams that are open.");
        _duration = meter.CreateHistogram(
            "event_stream.server.stream.duration", "s", "How long streams were open, by the reason why they ended.", advice: Durations);
        _timeToFirstByte = meter.CreateHistogram(
            "event_stream.server.time_to_first_byte", "s", "From the result's execution to the flush of the headers.", advice: Latencies);
        _messages = meter.CreateCounter<long>("event_stream.server.messages", "{message}", "Messages written.");
        _bytes = meter.CreateCounter<long>(
            "event_stream.server.sent", "By", "Bytes of messages written, before any compression and chunking.");
        _reauthorizations = meter.CreateCounter<long>(
            "event_stream.server.reauthorizations", "{check}", "Checks of the rights of open streams, by what they found.");
        _refused = meter.CreateCounter<long>(
            "event_stream.server.refused_streams", "{stream}", "Streams that a limit refused, by the reason.");
    }

    public Meter Meter { get; }

    /// <summary>Adds the metrics of the channels, which are measured when a listener collects them.</summary>
    /// <remarks>Each value is the sum over the channels of one name or pattern; for the lag, the largest.</remarks>
    /// <param name="channels">The channels that are in use.</param>
    /// <param name="runs">The channels of the runs whose producers are called on this node.</param>
    public void ObserveChannels(Func<IEnumerable<EventStreamChannel>> channels, Func<IEnumerable<EventStreamChannel>> runs)
    {
        Meter.CreateObservableUpDownCounter(
            "event_stream.channel.subscribers", () => Sum(channel => channel.SubscriberCount), "{subscriber}", "Current subscribers.");
        Meter.CreateObservableUpDownCounter(
            "event_stream.channel.log.messages", () => Sum(channel => channel.Count), "{message}", "Messages retained.");
        Meter.CreateObservableUpDownCounter("event_stream.channel.log.size", () => Sum(channel => channel.Bytes), "By", "Bytes retained.");
        Meter.CreateObservableGauge(
            "event_stream.channel.lag",
            () => ByDefinition(channels, group => group.Max(channel => channel.Lag)),
            "{message}",
            "How many messages the slowest subscriber is behind.");
        Meter.CreateObservableUpDownCounter(
            "event_stream.channel.runs",
            () => ByDefinition(runs, group => group.LongCount()),
            "{run}",
            "Runs whose producers this node calls.");

        IEnumerable<Measurement<long>> Sum(Func<EventStreamChannel, long> value) => ByDefinition(channels, group => group.Sum(value));

        static IEnumerable<Measurement<long>> ByDefinition(
            Func<IEnumerable<EventStreamChannel>> channels, Func<IEnumerable<EventStreamChannel>, long> value) =>
            channels().GroupBy(channel => channel.Definition.Name).Select(group => Measure(group.Key, value(group)));

        static Measurement<long> Measure(string definition, long value) =>
            new(value, new KeyValuePair<string, object?>(ChannelMetrics.ChannelTag, definition));
    }

    /// <summary>Adds the metrics of the limits, which are measured when a listener collects them.</summary>
    public void ObserveLimits(StreamLimits limits)
    {
        if (limits.MaxStreams is not null)
        {
            Meter.CreateObservableGauge(
                "event_stream.server.available_streams", () => limits.Available!.Value, "{stream}", "How many more streams may open.");
        }

        Meter.CreateObservableGauge(
            "event_stream.server.retry_window",
            () => limits.LongestWait.TotalSeconds,
            "s",
            "The time over which refused clients are asked to return.");
    }

    public void Refused(string? route, Refusal refusal)
    {
        if (!_refused.Enabled) return;
        var tags = Tags(route);
        tags.Add(RefusalReasonTag, refusal.Name);
        _refused.Add(1, tags);
    }

    /// <summary>Measures that a stream opens.</summary>
    /// <returns>The values that the end needs, so that a listener that attaches in between gets no end without its beginning.</returns>
    public StreamMeasurement Opening(string? route, long started)
    {
        var measurement = new StreamMeasurement(route, IsActive: _active.Enabled, started);
        if (measurement.IsActive) _active.Add(1, Tags(route));
        return measurement;
    }

    public void HeadersSent(in StreamMeasurement stream)
    {
        if (_timeToFirstByte.Enabled) _timeToFirstByte.Record(_time.GetElapsedTime(stream.Started).TotalSeconds, Tags(stream.Route));
    }

    public void MessagesWritten(HttpContext context, int count, int bytes)
    {
        if (!_messages.Enabled && !_bytes.Enabled) return;
        var tags = Tags(context.Route);
        _messages.Add(count, tags);
        _bytes.Add(bytes, tags);
    }

    public void Ended(in StreamMeasurement stream, EndReason reason)
    {
        if (stream.IsActive) _active.Add(-1, Tags(stream.Route));
        if (!_duration.Enabled) return;
        var tags = Tags(stream.Route);
        tags.Add(EndReasonTag, NameOf(reason));
        _duration.Record(_time.GetElapsedTime(stream.Started).TotalSeconds, tags);
    }

    public void Reauthorized(string? route, ReauthorizationOutcome outcome)
    {
        if (!_reauthorizations.Enabled) return;
        var tags = Tags(route);
        tags.Add(OutcomeTag, NameOf(outcome));
        _reauthorizations.Add(1, tags);
    }

    // Without a route there is no tag, as in the framework's metrics.
    private static TagList Tags(string? route) => route is null ? default : new() { { RouteTag, route } };

    private static string NameOf(EndReason reason) => reason switch
    {
        EndReason.Finished => "finished",
        EndReason.ClientLeft => "client_left",
        EndReason.HostStopped => "host_stopped",
        EndReason.LifetimeReached => "lifetime_reached",
        EndReason.AuthenticationExpired => "authentication_expired",
        EndReason.AuthorizationRefused => "authorization_refused",
        EndReason.ReaderStalled => "reader_stalled",
        EndReason.Disconnected => "disconnected",
        EndReason.RevocationMissed => "revocation_missed",
        EndReason.HistoryReplaced => "history_replaced",
        _ => "faulted",
    };

    private static string NameOf(ReauthorizationOutcome outcome) => outcome switch
    {
        ReauthorizationOutcome.Allowed => "allowed",
        ReauthorizationOutcome.Refused => "refused",
        _ => "failed",
    };
}
