using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>Has the hub drop, once a second, what is too old and what is idle. Runs only where a channel needs it.</summary>
internal sealed class ChannelSweep(EventStreamHub hub, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private int _isSweeping;

    public void Start()
    {
        if (Volatile.Read(ref _timer) is not null) return;
        lock (_gate)
        {
            _timer ??= AppTimer.Create(time, static sweep => ((ChannelSweep)sweep!).Sweep(), this, Interval);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _isSweeping, 1) != 0) return;
        hub.Sweep();
        Volatile.Write(ref _isSweeping, 0);
    }
}
