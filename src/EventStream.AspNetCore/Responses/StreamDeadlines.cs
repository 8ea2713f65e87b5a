using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>The ticks at which something is due on one stream, whatever its source does: a keep-alive, its age, the end of a drain. Part of its session.</summary>
internal struct StreamDeadlines(TimeSpan? keepAliveInterval)
{
    private readonly long _keepAliveTicks = keepAliveInterval is { } interval ? Clock.Ticks(Jitter.Shorten(interval)) : ClockEntry.Never;

    // Set by the loop, read by the clock.
    private long _lifetimeEnd = ClockEntry.Never;

    // The clock's own.
    private long _drainEnd = ClockEntry.Never;

    /// <summary>The tick at which the stream is too old.</summary>
    public readonly long LifetimeEnd => Volatile.Read(in _lifetimeEnd);

    /// <summary>The next tick at which any of this is due, but for the keep-alive.</summary>
    public readonly long Next => Math.Min(LifetimeEnd, _drainEnd);

    /// <summary>The tick at which a host that stops waits no longer; <see cref="ClockEntry.Never"/> where it does not stop.</summary>
    public readonly long DrainEnd => _drainEnd;

    public readonly bool IsDraining => _drainEnd != ClockEntry.Never;

    /// <summary>The tick at which a stream that has been silent since <paramref name="since"/> has been so for too long.</summary>
    public readonly long SilentUntil(long since) => _keepAliveTicks == ClockEntry.Never ? ClockEntry.Never : since + _keepAliveTicks;

    public void BeginLifetime(long now, TimeSpan? maxLifetime)
    {
        if (maxLifetime is { } lifetime) Volatile.Write(ref _lifetimeEnd, now + Clock.Ticks(Jitter.Shorten(lifetime)));
    }

    public void BeginDrain(long now, TimeSpan drainTimeout) => _drainEnd = drainTimeout > TimeSpan.Zero ? now + Clock.Ticks(drainTimeout) : now;

    /// <summary>Why the stream is to end at <paramref name="now"/>, if it is.</summary>
    public readonly EndReason ReasonAt(long now) =>
        now >= _drainEnd ? EndReason.HostStopped
        : now >= LifetimeEnd ? EndReason.LifetimeReached
        : EndReason.None;
}
