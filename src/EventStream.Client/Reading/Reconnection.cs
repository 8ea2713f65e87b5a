using System.Runtime.ExceptionServices;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>
/// What a reading keeps from one connection to the next: the position, the reconnection time, and how many attempts in a row were in vain.
/// </summary>
internal sealed class Reconnection(EventStreamClientOptions options)
{
    /// <summary>The longest wait, whatever the server asks for.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(100);

    private readonly EventStreamClientReconnect _mode = options.Reconnect ?? (options.Method == HttpMethod.Get ? EventStreamClientReconnect.Always : EventStreamClientReconnect.WithPosition);
    private TimeSpan? _retryAfter;
    private Exception? _error;
    private bool _isOver;
    private int _connections;
    private int _inVain;

    public SourceState Source { get; } = new(options.LastEventId ?? "", options.ReconnectDelay);

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
        // A quiet stream that lasted is no failure; one that ends as it begins is, whatever it says in between.
        var isInVain = connection.Events == 0 && !(connection.IsStream && connection.Age >= BaseDelay);
        _inVain = isInVain ? _inVain + 1 : 0;
        if (connection.IsStream) options.OnClosed?.Invoke(new(_connections, connection.Events, connection.Error));
    }

    /// <summary>Waits before the next attempt; false if there is none to come and all is well.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (_isOver) return false;
        if (_mode == EventStreamClientReconnect.Never || (_mode == EventStreamClientReconnect.WithPosition && Source.LastEventId.Length == 0) || _inVain >= options.MaxAttempts)
        {
            if (_error is not null) ExceptionDispatchInfo.Throw(_error);
            if (_inVain >= options.MaxAttempts) throw new EventStreamClientException($"{_inVain} attempts in a row ended without an event.");
            return false;
        }

        var delay = NextDelay();
        options.OnRetrying?.Invoke(new(_inVain + 1, delay, Source.LastEventId, _error));
        await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        return true;
    }

    // In numbers, because a time would overflow where these only grow.
    private TimeSpan NextDelay()
    {
        var least = BaseDelay.TotalMilliseconds;
        var most = Math.Max(least, options.MaxReconnectDelay.TotalMilliseconds);
        var delay = Math.Min(most, least * Math.Pow(2, Math.Max(0, _inVain - 1)));
        if (_retryAfter is { } asked) delay = Math.Max(delay, asked.TotalMilliseconds);
        // Only ever later: the reconnection time is the least, as the standard has it (HTML, section 9.2.3).
        var spread = delay * (1 + (Random.Shared.NextDouble() / 2));
        // In whole milliseconds, because timers leave the rest out.
        return TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(spread), LongestDelay.TotalMilliseconds));
    }
}
