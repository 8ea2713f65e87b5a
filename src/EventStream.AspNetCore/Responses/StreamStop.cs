using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Responses;

/// <summary>The end of one stream: its reason, of which the first wins, and its time.</summary>
/// <remarks>
/// Any thread may read it, and set the reason. From then on, foreign code has <see cref="Grace"/> to return, and is then abandoned. All
/// times are ticks of the app's <see cref="Clock"/>.
/// </remarks>
/// <param name="sourceStopTimeout"><see cref="EventStreamOptions.SourceStopTimeout"/>.</param>
internal sealed class StreamStop(TimeSpan sourceStopTimeout)
{
    private int _reason;

    // Whether any reason was the end of the stream's rights, also one that came after another reason.
    private volatile bool _haveRightsEnded;

    // The tick of the end; once the source has closed, the tick of that. 0 before the end.
    private long _since;

    // Set by the loop, read by the clock.
    private long _lifetimeEnd = ClockEntry.Never;
    private long _authenticationEnd = ClockEntry.Never;

    // Set by the stream's tick. The loop reads it once, before the drain can begin.
    private long _drainEnd = ClockEntry.Never;

    public EndReason Reason => (EndReason)Volatile.Read(ref _reason);

    public bool IsEnding => Reason != EndReason.None;

    /// <summary>Whether a message that the source yields after its cancellation is still sent.</summary>
    /// <remarks>Not after the stream's rights have ended, although it may already be ending for another reason.</remarks>
    public bool MaySendLast => !_haveRightsEnded;

    /// <summary>Whether the host stops, so that the drain has begun.</summary>
    public bool IsDraining => _drainEnd != ClockEntry.Never;

    /// <summary>How long foreign code may take after its cancellation.</summary>
    public long Grace { get; } = Clock.Ticks(sourceStopTimeout);

    /// <summary>The next tick at which the stream must end.</summary>
    public long Next => Math.Min(Math.Min(Volatile.Read(ref _lifetimeEnd), Volatile.Read(ref _authenticationEnd)), _drainEnd);

    public void BeginLifetime(long now, TimeSpan? maxLifetime)
    {
        if (maxLifetime is { } lifetime) Volatile.Write(ref _lifetimeEnd, now + Clock.Ticks(Jitter.Shorten(lifetime)));
    }

    /// <summary>Sets the tick at which the authentication of the stream's request has expired.</summary>
    public void ExpireAt(long tick) => Volatile.Write(ref _authenticationEnd, tick);

    /// <summary>Begins the drain, in which the stream may continue for <paramref name="rest"/>.</summary>
    public void BeginDrain(long now, TimeSpan rest) => _drainEnd = rest > TimeSpan.Zero ? now + Clock.Ticks(rest) : now;

    /// <summary>Ends the drain: the stream must end now, if it has not had to end before.</summary>
    public void EndDrain(long now) => _drainEnd = Math.Min(_drainEnd, now);

    /// <summary>Gets the reason why the stream must end at <paramref name="now"/>; <see cref="EndReason.None"/> if there is none.</summary>
    public EndReason ReasonAt(long now) =>
        now >= Volatile.Read(ref _authenticationEnd) ? EndReason.AuthenticationExpired
        : now >= _drainEnd ? EndReason.HostStopped
        : now >= Volatile.Read(ref _lifetimeEnd) ? EndReason.LifetimeReached
        : EndReason.None;

    /// <summary>Sets the reason of the end. False if the stream already has one, this or another.</summary>
    public bool TryEnd(EndReason reason, long now)
    {
        if (EndsRights(reason)) _haveRightsEnded = true;
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)EndReason.None) != (int)EndReason.None) return false;
        Volatile.Write(ref _since, now);
        return true;
    }

    /// <summary>Whether a client whose stream ends for a reason must be authorized again before it gets another message.</summary>
    private static bool EndsRights(EndReason reason) => reason
        is EndReason.AuthenticationExpired or EndReason.AuthorizationRefused or EndReason.Disconnected or EndReason.RevocationMissed;

    /// <summary>Changes the reason to a fault, because the end of a finished stream could not be written.</summary>
    public void TurnIntoFault() => Volatile.Write(ref _reason, (int)EndReason.Faulted);

    /// <summary>Records that the source has closed, so that the last bytes have their full time.</summary>
    public void SourceClosed(long now) => Volatile.Write(ref _since, now);

    /// <summary>Whether a call into the source, pending since a tick, has had its time. The tick is 0 if none is pending.</summary>
    public bool IsOverdue(long pendingSince, long now) =>
        pendingSince > 0 && Volatile.Read(ref _since) is > 0 and var since && now >= Math.Max(pendingSince, since) + Grace;

    /// <summary>Gets the tick at which a pending call into the server takes too long.</summary>
    /// <remarks>
    /// While the stream is open, each write has its own <see cref="EventStreamOptions.WriteTimeout"/>. Once the stream must end, the rest
    /// of a frame has that time in total. After the source has closed, the last bytes have that time again. So a source that is slow to
    /// stop does not cost the client the end of its stream. When the host stops, each of the two has no more time than a source.
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
