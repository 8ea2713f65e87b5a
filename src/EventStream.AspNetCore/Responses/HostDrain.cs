using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>The drain of a host that stops: until no stream with a <see cref="EventStreamOptions.DrainTimeout"/> is left.</summary>
/// <remarks>
/// <para>1. The host begins to stop: <see cref="Begin"/>. From now on, requests for new streams are rejected softly.</para>
/// <para>2. Each open stream chooses its own moment in its own window, and ends then (<see cref="StreamStop"/>).</para>
/// <para>3. <see cref="DrainService"/> keeps the server open meanwhile. It also ends the drain early, for a second signal.</para>
/// <para>
/// 4. The drain is over when the last of these streams has left, or when the longest window has passed. Then whatever is left must end:
/// streams, runs, and waits for the log.
/// </para>
/// <para>If no stream has a window, steps 1 and 4 are the same moment.</para>
/// </remarks>
internal sealed class HostDrain(TimeProvider time, Clock clock)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _over = new();

    // All under _gate. The longest window may be that of a stream that has left, because the last stream ends the drain earlier.
    private int _streams;
    private TimeSpan _longest;
    private bool _hasBegun;
    private ITimer? _timer;

    /// <summary>Cancelled when the drain is over.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>How many open streams have a window.</summary>
    public int Streams
    {
        get
        {
            lock (_gate) return _streams;
        }
    }

    /// <summary>The longest window of a stream so far.</summary>
    public TimeSpan Longest
    {
        get
        {
            lock (_gate) return _longest;
        }
    }

    /// <summary>Counts a stream. A stream without a window is not counted, and costs nothing here.</summary>
    public void Enter(TimeSpan window)
    {
        if (window == TimeSpan.Zero) return;
        lock (_gate)
        {
            _streams++;
            if (window > _longest) _longest = window;
        }
    }

    /// <summary>Ends the count of a stream that has ended.</summary>
    public void Leave(TimeSpan window)
    {
        if (window == TimeSpan.Zero) return;
        lock (_gate)
        {
            if (--_streams > 0 || !_hasBegun) return;
        }

        End();
    }

    /// <summary>Begins the drain, and calls every stream.</summary>
    public void Begin()
    {
        bool isOver;
        lock (_gate)
        {
            _hasBegun = true;
            isOver = _streams == 0;
            if (!isOver) _timer = AppTimer.Create(time, static drain => ((HostDrain)drain!).End(), this, _longest);
        }

        if (isOver) End();
        else clock.CallAll();
    }

    /// <summary>Ends the drain, and the streams that are left.</summary>
    public void End()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
        }

        // On the thread pool, because callbacks of the app's runs are called.
        _over.CancelAsync().Abandon();
        clock.CallAll();
    }
}
