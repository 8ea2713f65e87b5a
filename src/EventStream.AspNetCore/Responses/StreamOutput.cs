using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventStream.AspNetCore.Responses;

/// <summary>The response of one stream: started, written and flushed by its loop, watched by the clock.</summary>
/// <remarks>
/// A large frame leaves in pieces within one flush, so nothing else is written between them. A call into the server, or into a middleware's
/// body, that does not return after the request was aborted is abandoned, like a source.
/// </remarks>
internal sealed class StreamOutput(HttpContext context, Clock clock, ClockEntry owner, TimeSpan? writeTimeout)
{
    // Ticks, written by the loop and read by the clock; _waitingSince is 0 where no call is pending.
    private long _lastFlush;
    private long _waitingSince;

    // The tick of the request's first abort, by the client or by this stream; 0 before it.
    private long _abortedAt;

    // Kestrel alone is known to have copied the bytes into its pipe when a write is pending; another server's stream may still be reading
    // them.
    private readonly bool _copiesAtOnce = IsBodyOf(context) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is not null;

    private readonly PipeWriter _body = context.Response.BodyWriter;
    private WriteBuffer? _buffer;

    // Under the lock of this.
    private bool _isClosed;

    // Made for the first call that is pending, because most streams never have one.
    private PendingCall? _pending;

    /// <summary>What the next flush sends. The caller need not keep it: it is another one after <see cref="Release"/>.</summary>
    public WriteBuffer Buffer => _buffer ??= WriteBuffer.Rent();

    /// <summary>Whether the body is the server's, and no middleware's, whose flush may block.</summary>
    public bool IsServersOwn { get; } = IsBodyOf(context);

    /// <summary>Whether the last bytes may not have left, so that the client may have a part of a frame.</summary>
    /// <remarks>Nothing more is written then, and the response must not end cleanly.</remarks>
    public bool IsBroken { get; private set; }

    /// <summary>How many bytes the next flush will send.</summary>
    public int Unflushed => _buffer?.Size ?? 0;

    /// <summary>After how many ticks of silence a keep-alive is due; <see cref="ClockEntry.Never"/> where there is none.</summary>
    public long KeepAliveTicks { get; private set; } = ClockEntry.Never;

    /// <summary>The tick at which the stream will have been silent for too long.</summary>
    public long SilentUntil => Clock.After(Volatile.Read(ref _lastFlush), KeepAliveTicks);

    public bool IsWaiting => Volatile.Read(ref _waitingSince) != 0;

    /// <summary>How long a call may take, in ticks; <see cref="ClockEntry.Never"/> where there is no limit.</summary>
    public long TimeoutTicks { get; } = writeTimeout is { } timeout ? Clock.Ticks(timeout) : ClockEntry.Never;

    /// <summary>The tick at which a pending call will have taken too long; <see cref="ClockEntry.Never"/> where none is pending.</summary>
    public long StalledAt => Volatile.Read(ref _waitingSince) is > 0 and var since ? Clock.After(since, TimeoutTicks) : ClockEntry.Never;

    /// <summary>Notes that the request was aborted, which bounds the time of a pending call. Any thread may call it.</summary>
    public void NoteAbort() => Interlocked.CompareExchange(ref _abortedAt, clock.Now, 0);

    /// <summary>
    /// The clock's call while the stream is ending: abandons a call that is pending <paramref name="grace"/> ticks after the abort.
    /// </summary>
    public void TickWhileStopping(long now, long grace)
    {
        if (Volatile.Read(ref _waitingSince) is > 0 and var since &&
            Volatile.Read(ref _abortedAt) is > 0 and var abortedAt &&
            now >= Math.Max(since, abortedAt) + grace)
        {
            _pending?.Set(StreamWake.Deadline, inline: false);
        }
    }

    /// <summary>
    /// Starts the response, which runs the app's <c>OnStarting</c> callbacks, and sends what was written, or the headers alone.
    /// </summary>
    /// <returns>False if it cannot be sent.</returns>
    public async ValueTask<bool> StartAsync()
    {
        var hasBytes = Unflushed > 0;
        var start = context.Response.StartAsync();
        var hasStarted = await ReturnsAsync(ResultOfAsync(start));

        // An exception of the app's callbacks is a fault, and not a client that has left.
        if (start.IsCompleted) await start;
        return hasStarted && await FlushAsync() && (hasBytes || await FlushHeadersAsync());
    }

    /// <summary>Sends what was written. False if it cannot be sent; then nothing more needs to be written.</summary>
    public ValueTask<bool> FlushAsync()
    {
        Volatile.Write(ref _lastFlush, clock.Now);
        if (IsBroken)
        {
            Release();
            return new(false);
        }

        return _buffer is { LeavesInPieces: true } buffer ? FlushPiecesAsync(buffer) : SendAsync();
    }

    /// <summary>Says, before the clock looks at it, after how long a keep-alive is due; null: never.</summary>
    public void KeepAlive(TimeSpan? interval)
    {
        if (interval is { } span) KeepAliveTicks = Clock.Ticks(Jitter.Shorten(span));
    }

    /// <summary>Gives the buffer up, because nothing is to be written for some time.</summary>
    public void Release()
    {
        _buffer?.Return();
        _buffer = null;
    }

    /// <summary>Ends the response, unless it <see cref="IsBroken"/>. False if it did not end.</summary>
    public ValueTask<bool> CompleteAsync() => IsBroken ? new(false) : ReturnsAsync(ResultOfAsync(context.Response.CompleteAsync()));

    /// <summary>
    /// Aborts the request, unless the response is closed: the context may serve another one by then. Any thread may call it.
    /// </summary>
    public void Abort()
    {
        lock (this)
        {
            if (!_isClosed) context.Abort();
        }
    }

    /// <summary>The last call of the loop.</summary>
    public void Close()
    {
        lock (this) _isClosed = true;
        Release();
    }

    // A pipe over a middleware's stream flushes nothing where nothing was written.
    private ValueTask<bool> FlushHeadersAsync() => ReturnsAsync(FlushAsync(context.Response.Body));

    private async ValueTask<bool> FlushPiecesAsync(WriteBuffer buffer)
    {
        try
        {
            FrameParts parts = new();
            buffer.MoveTo(parts);
            Turn turn = default;
            while (parts.TryFill(Buffer))
            {
                if (!await SendAsync()) return false;
                if (turn.IsOver()) await Task.Yield();
            }

            return true;
        }
        catch
        {
            IsBroken = true;
            throw;
        }
    }

    private ValueTask<bool> SendAsync()
    {
        ValueTask<FlushResult> flush;
        try
        {
            flush = _buffer is { Length: > 0 } buffer ? _body.WriteAsync(buffer.Written) : _body.FlushAsync();
        }
        catch (Exception exception)
        {
            Release();
            IsBroken = true;
            if (!IsDeparture(exception)) throw;
            return new(false);
        }

        if (!flush.IsCompletedSuccessfully) return WaitAsync(flush, sendsBuffer: true);
        _buffer?.Clear();
        return ReturnsAsync(flush);
    }

    private ValueTask<bool> ReturnsAsync(ValueTask<FlushResult> call) =>
        call.IsCompletedSuccessfully ? new(!(IsBroken = call.Result.IsCompleted)) : WaitAsync(call, sendsBuffer: false);

    // Under back-pressure each message may come here; a pooled builder keeps that free of allocation.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<FlushResult> call, bool sendsBuffer)
    {
        // Until the call has returned: it may throw, or be abandoned.
        IsBroken = true;
        var pending = BeginWait();

        // Only a call that sends the buffer: another one, such as the start of the response, leaves it to the next flush.
        if (sendsBuffer && _copiesAtOnce) Release();
        try
        {
            call.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(pending.OnReturned);
            if ((await pending.WaitAsync()).HasFlag(StreamWake.Source))
            {
                IsBroken = call.Result.IsCompleted;
            }
            else
            {
                // Not returned to the pool, because the abandoned call may still read it.
                if (sendsBuffer) _buffer = null;
                _ = pending.IgnoreAsync(call);
            }
        }
        catch (Exception exception) when (IsDeparture(exception))
        {
        }
        finally
        {
            if (sendsBuffer) Release();
            EndWait();
        }

        return !IsBroken;
    }

    private PendingCall BeginWait()
    {
        var pending = _pending ??= new();
        var now = clock.Now;
        Volatile.Write(ref _waitingSince, now);
        if (TimeoutTicks != ClockEntry.Never) clock.Schedule(owner, now + TimeoutTicks);
        return pending;
    }

    private void EndWait()
    {
        Volatile.Write(ref _waitingSince, 0);
        Volatile.Write(ref _lastFlush, clock.Now);
    }

    private static async ValueTask<FlushResult> ResultOfAsync(Task call)
    {
        await call;
        return default;
    }

    private static async ValueTask<FlushResult> FlushAsync(Stream body)
    {
        await body.FlushAsync();
        return default;
    }

    private static bool IsBodyOf(HttpContext context) =>
        ReferenceEquals(context.Features.Get<IHttpResponseBodyFeature>(), context.Features.Get<IHttpResponseFeature>());

    private bool IsDeparture(Exception exception) =>
        exception is OperationCanceledException or IOException or ObjectDisposedException || context.RequestAborted.IsCancellationRequested;
}
