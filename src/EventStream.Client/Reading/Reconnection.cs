using System.Runtime.ExceptionServices;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Decides whether and when a reading connects again.</summary>
/// <remarks>It keeps the position, the reconnection time, and the number of failed attempts in a row.</remarks>
internal sealed class Reconnection(EventStreamClientOptions options)
{
    /// <summary>The longest wait, whatever the server asks for.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(100);

    private readonly EventStreamClientReconnect _mode = options.Reconnect ?? DefaultFor(options.Method);
    private TimeSpan? _retryAfter;
    private Exception? _error;
    private bool _isOver;
    private int _connections;
    private int _failures;

    public SourceState Source { get; } = new(options.LastEventId ?? "", options.ReconnectDelay);

    private bool MayReconnect =>
        _mode == EventStreamClientReconnect.Always
        || (_mode == EventStreamClientReconnect.WithPosition && Source.LastEventId.Length > 0);

    private TimeSpan BaseDelay => TimeSpan.FromTicks(Math.Clamp(Source.ReconnectionTime.Ticks, LeastDelay.Ticks, LongestDelay.Ticks));

    public void Began(StreamConnection connection)
    {
        if (!connection.IsStream) return;
        _connections++;
        options.OnOpened?.Invoke(new(_connections, Source.LastEventId, connection.Answer!.Headers));
    }

    public void Ended(StreamConnection connection)
    {
        _retryAfter = connection.Answer is { } answer ? StreamAnswer.RetryAfter(answer, options.TimeProvider) : null;
        _error = connection.Error;
        _isOver = connection.IsLast;
        // A quiet stream that lasted has not failed. One that ends at once without an event has, or the client would reconnect in a loop.
        var hasFailed = connection.Events == 0 && !(connection.IsStream && connection.Age >= BaseDelay);
        _failures = hasFailed ? _failures + 1 : 0;
        if (connection.IsStream) options.OnClosed?.Invoke(new(_connections, connection.Events, connection.Error));
    }

    /// <summary>Waits before the next attempt; false if the reading has ended well.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (_isOver) return false;
        var hasTriedEnough = _failures >= options.MaxAttempts;
        if (hasTriedEnough || !MayReconnect)
        {
            if (_error is not null) ExceptionDispatchInfo.Throw(_error);
            if (!hasTriedEnough) return false;
            throw new EventStreamClientException(
                $"{_failures} attempts in a row ended without an event. "
                + $"{nameof(EventStreamClientOptions.MaxAttempts)} allows no more: raise it, or set it to null for no limit.");
        }

        var delay = NextDelay();
        options.OnRetrying?.Invoke(new(_failures + 1, delay, Source.LastEventId, _error));
        await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static EventStreamClientReconnect DefaultFor(HttpMethod method) =>
        method == HttpMethod.Get ? EventStreamClientReconnect.Always : EventStreamClientReconnect.WithPosition;

    // Computed as double, because a TimeSpan would overflow after many doublings.
    private TimeSpan NextDelay()
    {
        var least = BaseDelay.TotalMilliseconds;
        var most = Math.Max(least, options.MaxReconnectDelay.TotalMilliseconds);
        var delay = Math.Min(most, least * Math.Pow(2, Math.Max(0, _failures - 1)));
        if (_retryAfter is { } asked) delay = Math.Max(delay, asked.TotalMilliseconds);
        // The spread only adds, because the standard makes the reconnection time the shortest wait (HTML, section 9.2.3).
        var spread = delay * (1 + (Random.Shared.NextDouble() / 2));
        // Rounded up, because timers cut off fractions of a millisecond and would fire too early.
        return TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(spread), LongestDelay.TotalMilliseconds));
    }
}
