using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace EventStream.AspNetCore.Tests.Infrastructure;

public sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);

/// <summary>Listens to the meters of one app.</summary>
public sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();

    public MetricRecorder(IServiceProvider app, string meter = "EventStream.AspNetCore")
    {
        // The meters of an app carry its factory as their scope; other apps of the same test run have their own.
        var factory = app.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => _measured.Enqueue(new(instrument.Name, value, ToDictionary(tags))));
        _listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) => _measured.Enqueue(new(instrument.Name, value, ToDictionary(tags))));
        _listener.Start();
    }

    public IEnumerable<Measured> Of(string instrument) => _measured.Where(measured => measured.Instrument == instrument);

    public double Sum(string instrument) => Of(instrument).Sum(measured => measured.Value);

    /// <summary>Asks the instruments that are observed, as an exporter does.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private static Dictionary<string, object?> ToDictionary(ReadOnlySpan<KeyValuePair<string, object?>> tags) => new(tags.ToArray());
}
