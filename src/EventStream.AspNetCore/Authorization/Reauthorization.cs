using System.Security.Claims;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Authorization;

/// <summary>The checks of one open stream: whether its user may still read it.</summary>
/// <remarks>
/// See <see cref="EventStreamOptions.ReauthorizationInterval"/>. The stream's tick begins a check, which runs on the thread pool, so that
/// it delays no message. The steps:
/// <list type="number">
/// <item>At its due tick a check begins. It occupies the stream until it has returned, so a stream has one check at a time.</item>
/// <item>It decides, or throws, or its time limit is over. The first of these counts, and what follows is ignored.</item>
/// <item>An approval makes the next check due after the interval. A refusal ends the stream.</item>
/// <item>A failure decides nothing, and makes the next check due sooner.</item>
/// <item>A check has returned once its scope is disposed of. If it has not when the next one is due, that is a failure too, also after an
/// approval.</item>
/// <item>The first failure after an approval sets the tick at which the stream ends as refused. An approval clears it.</item>
/// </list>
/// One small object a stream. An idle stream has no other.
/// </remarks>
internal sealed class Reauthorization
{
    private const string TooLate = "The check, or the disposal of its services, has not ended in time. Make its code use its token.";

    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(30);

    private readonly StreamSession _stream;

    private readonly bool _hasChannelPolicies;

    // Both are changed under the lock of this, and also read without it.
    private ReauthorizationState _state = ReauthorizationState.Idle;
    private long _due = ClockEntry.Never;

    private Reauthorization(StreamSession stream, bool hasEndpointPolicy, bool hasChannelPolicies)
    {
        _stream = stream;
        HasEndpointPolicy = hasEndpointPolicy;
        _hasChannelPolicies = hasChannelPolicies;
    }

    public bool HasEndpointPolicy { get; }

    /// <summary>The policies of channels that were checked when the stream opened.</summary>
    public IEnumerable<ChannelPolicy> Channels => _hasChannelPolicies ? _stream.Policies : [];

    /// <summary>The next tick at which there is something to do.</summary>
    public long Next => Math.Min(Volatile.Read(ref _due), State.RefuseAt);

    // An idle state is always the shared one, so that an idle stream keeps none of its own.
    private ReauthorizationState State
    {
        get => Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, value == ReauthorizationState.Idle ? ReauthorizationState.Idle : value);
    }

    // Also the pause after a failure, so that streams with a long interval have several checks within the grace.
    private TimeSpan Limit => Interval < LongestCheck ? Interval : LongestCheck;

    private TimeSpan Interval => _stream.Options.ReauthorizationInterval!.Value;

    /// <summary>Creates the checks of a stream; null if they are off, or there is nothing to check.</summary>
    /// <exception cref="InvalidOperationException">The app has no authorization services.</exception>
    public static Reauthorization? Of(StreamSession stream, FrameSource source)
    {
        var options = stream.Options;
        if (options.ReauthorizationInterval is null) return null;
        var app = stream.Host.Authorization;
        app.ThrowIfMissing(options);
        var hasEndpointPolicy = EndpointPolicy.MayApply(stream.Context, app);
        var hasChannelPolicies = source.HasCheckedPolicies;
        return hasEndpointPolicy || hasChannelPolicies || options.OnReauthorize is not null
            ? new(stream, hasEndpointPolicy, hasChannelPolicies)
            : null;
    }

    /// <summary>Begins at a random moment of the first interval, so that clients that arrive together are not checked together.</summary>
    public void Begin(long now)
    {
        lock (this) _due = now + Clock.Ticks(Jitter.Within(Interval));
    }

    /// <summary>Begins a check, or fails one that takes too long. Called by the clock while the stream is open.</summary>
    /// <returns>Whether a check has begun.</returns>
    public bool Tick(long now)
    {
        ReauthorizationCheck? running, begun = null;
        var isLate = false;
        lock (this)
        {
            var state = State;
            if (state.IsOver || now < Next) return false;
            running = state.Check;
            if (now >= state.RefuseAt)
            {
                State = state with { IsOver = true };
            }
            else if (running is null)
            {
                begun = new(this, _stream.Host.Authorization, _stream.Options.OnReauthorize, now);
                State = state with { Check = begun };
                _due = now + Clock.Ticks(Limit);
            }
            else
            {
                // After an approval, the failed check is the one that cannot begin now.
                var began = running.IsOver ? now : running.Began;
                running.IsOver = isLate = true;
                NoteFailure(began, now);
            }
        }

        // Outside of the lock, which the check takes at once. A lock that two threads have wanted keeps memory.
        if (begun is not null)
        {
            AppTask.Run(begun.RunAsync);
            return true;
        }

        running?.Cancel();
        if (isLate) ReportFailure(new TimeoutException(TooLate));
        RefuseIfOver();
        return false;
    }

    /// <summary>Copies the stream's request for a check; null if the stream has ended.</summary>
    public HttpContext? CopyRequest(IServiceProvider services, CancellationToken stop)
    {
        // Under the lock, because the server reuses the context once Close has returned.
        lock (this) return State.IsOver ? null : RequestCopy.Of(_stream.Context, State.User, services, stop);
    }

    /// <summary>Takes the decision of a check.</summary>
    /// <param name="check">The check.</param>
    /// <param name="user">The user for the next checks; null: the user may not read the stream any more.</param>
    public void Decide(ReauthorizationCheck check, ClaimsPrincipal? user)
    {
        lock (this)
        {
            if (State.IsOver || check.IsOver) return;
            check.IsOver = true;
            var reloaded = _stream.Options.OnReauthorize is null ? null : user;
            State = new(check, reloaded, ClockEntry.Never, IsOver: user is null);
            Volatile.Write(ref _due, check.Began + Clock.Ticks(Jitter.Shorten(Interval)));
        }

        _stream.Host.Metrics.Reauthorized(_stream.Route, user is null ? ReauthorizationOutcome.Refused : ReauthorizationOutcome.Allowed);
        RefuseIfOver();
    }

    /// <summary>Takes the exception of a check.</summary>
    public void Fail(ReauthorizationCheck check, Exception exception)
    {
        lock (this)
        {
            if (State.IsOver || check.IsOver) return;
            check.IsOver = true;
            NoteFailure(check.Began, _stream.Host.Clock.Now);
        }

        ReportFailure(exception);
        RefuseIfOver();
    }

    /// <summary>Takes note that a check has returned, so that the next one may begin.</summary>
    public void Returned(ReauthorizationCheck check)
    {
        lock (this)
        {
            if (State.Check == check) State = State with { Check = null };
        }
    }

    /// <summary>Ends the checks. The loop calls it before its request ends.</summary>
    public void Close()
    {
        ReauthorizationCheck? running;
        lock (this)
        {
            running = State.Check;
            State = State with { IsOver = true };
        }

        running?.Cancel();
    }

    /// <summary>Sets the ticks after a failure. Under the lock.</summary>
    private void NoteFailure(long began, long now)
    {
        var grace = _stream.Options.ReauthorizationGrace;
        var refuseAt = State.RefuseAt;
        if (refuseAt == ClockEntry.Never) refuseAt = grace == TimeSpan.Zero ? began : began + Clock.Ticks(Jitter.Lengthen(grace));
        Volatile.Write(ref _due, now + Clock.Ticks(Jitter.Shorten(Limit)));
        State = State with { RefuseAt = refuseAt, IsOver = now >= refuseAt };
    }

    private void ReportFailure(Exception exception)
    {
        var host = _stream.Host;
        host.Metrics.Reauthorized(_stream.Route, ReauthorizationOutcome.Failed);
        if (host.ReauthorizationFailures.Count() is { } count)
        {
            Log.ReauthorizationFailed(host.Logger, exception, count, _stream.EndpointName);
        }
    }

    private void RefuseIfOver()
    {
        if (State.IsOver) _stream.Refuse();
        else _stream.Host.Clock.Schedule(_stream, Next);
    }
}
