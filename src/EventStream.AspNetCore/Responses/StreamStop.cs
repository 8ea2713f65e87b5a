using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>
/// Why and when one stream ends, decided once: the first reason wins. All times are ticks of the app's <see cref="Clock"/>.
/// </summary>
/// <remarks>
/// Any thread may ask, and decide. Once it is decided, code that is not ours has <see cref="Grace"/> to return, and is then abandoned.
/// </remarks>
/// <param name="sourceStopTimeout"><see cref="EventStreamOptions.SourceStopTimeout"/>.</param>
internal sealed class StreamStop(TimeSpan sourceStopTimeout)
{
    private int _reason;

    // Since when the stream ends, and once its source has closed, since then. 0 before.
    private long _since;

    // Set by the loop, read by the clock.
    private long _lifetimeEnd = ClockEntry.Never;
    private long _authenticationEnd = ClockEntry.Never;

    // The clock's own.
    private long _drainEnd = ClockEntry.Never;

    public EndReason Reason => (EndReason)Volatile.Read(ref _reason);

    public bool IsEnding => Reason != EndReason.None;

    /// <summary>Whether a message still leaves that the source yields after its token was cancelled.</summary>
    public bool MaySendLast => Reason is not (EndReason.AuthenticationExpired or EndReason.Disconnected);

    /// <summary>Whether the host stops, and the stream knows when it must end.</summary>
    public bool IsDraining => _drainEnd != ClockEntry.Never;

    /// <summary>How long code that is not ours may take once it was told to stop.</summary>
    public long Grace { get; } = Clock.Ticks(sourceStopTimeout);

    /// <summary>The next tick at which the stream must end.</summary>
    public long Next => Math.Min(Math.Min(Volatile.Read(ref _lifetimeEnd), Volatile.Read(ref _authenticationEnd)), _drainEnd);

    public void BeginLifetime(long now, TimeSpan? maxLifetime)
    {
        if (maxLifetime is { } lifetime) Volatile.Write(ref _lifetimeEnd, now + Clock.Ticks(Jitter.Shorten(lifetime)));
    }

    /// <summary>Sets the tick at which the authentication of the stream's request has expired.</summary>
    public void ExpireAt(long tick) => Volatile.Write(ref _authenticationEnd, tick);

    public void BeginDrain(long now, TimeSpan drainTimeout) =>
        _drainEnd = drainTimeout > TimeSpan.Zero ? now + Clock.Ticks(drainTimeout) : now;

    /// <summary>Why the stream must end at <paramref name="now"/>; <see cref="EndReason.None"/> if it need not.</summary>
    public EndReason ReasonAt(long now) =>
        now >= Volatile.Read(ref _authenticationEnd) ? EndReason.AuthenticationExpired
        : now >= _drainEnd ? EndReason.HostStopped
        : now >= Volatile.Read(ref _lifetimeEnd) ? EndReason.LifetimeReached
        : EndReason.None;

    /// <summary>Decides that the stream ends. False if that is decided, for this reason or another.</summary>
    public bool TryEnd(EndReason reason, long now)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)EndReason.None) != (int)EndReason.None) return false;
        Volatile.Write(ref _since, now);
        return true;
    }

    /// <summary>A finished stream could not be ended as its protocol wants it.</summary>
    public void TurnIntoFault() => Volatile.Write(ref _reason, (int)EndReason.Faulted);

    /// <summary>The source has closed. What is written now has its time anew.</summary>
    public void SourceClosed(long now) => Volatile.Write(ref _since, now);

    /// <summary>Whether a call into the source that is pending since a tick has had its time; 0: none is pending.</summary>
    public bool IsOverdue(long pendingSince, long now) =>
        pendingSince > 0 && Volatile.Read(ref _since) is > 0 and var since && now >= Math.Max(pendingSince, since) + Grace;

    /// <summary>The tick at which a pending call into the server will have taken too long.</summary>
    /// <remarks>
    /// While the stream goes on, each write has its own <see cref="EventStreamOptions.WriteTimeout"/>. Once the stream must end, all that
    /// is left of a frame has that time together. What is written after the source has closed has it once more: a source that is slow
    /// to stop must not cost the client its end. A host that stops waits for each of them no longer than for a source.
    /// </remarks>
    public long StalledAt(StreamOutput output)
    {
        var stalledAt = output.StalledAt;
        if (!output.IsWaiting) return stalledAt;
        var since = Volatile.Read(ref _since);
        if (since > 0) stalledAt = Math.Min(stalledAt, Clock.After(since, output.TimeoutTicks));
        return Math.Min(stalledAt, Clock.After(Math.Max(_drainEnd, since), Grace));
    }
}
