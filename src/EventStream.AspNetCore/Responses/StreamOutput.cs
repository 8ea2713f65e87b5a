using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventStream.AspNetCore.Responses;

/// <summary>The response of one stream: its loop starts, writes and flushes it, and the clock checks its timeouts.</summary>
/// <remarks>
/// A large frame is sent in pieces within one flush, so nothing else is written between them. A call into the server, or into a
/// middleware's body, may not return after the request was aborted. Then it is abandoned, like a source.
/// </remarks>
internal sealed class StreamOutput(HttpContext context, Clock clock, ClockEntry owner, TimeSpan? writeTimeout)
{
    // Ticks, written by the loop and read by the clock; _waitingSince is 0 if no call is pending.
    private long _lastFlush;
    private long _waitingSince;

    // The ticks of silence after which a keep-alive is due; never if there are no keep-alives.
    private long _keepAliveTicks = ClockEntry.Never;

    // The tick of the request's first abort, by the client or by this stream; 0 before it.
    private long _abortedAt;

    // Only Kestrel is known to have copied the bytes into its pipe when a write is pending. Another server may still read them.
    private readonly bool _copiesAtOnce = IsBodyOf(context) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is not null;

    private readonly PipeWriter _body = context.Response.BodyWriter;
    private WriteBuffer? _buffer;

    // The connection's own output, past the server's HTTP; null before the response has started, and if chunks cannot go there.
    private DirectOutput? _direct;

    // Under the lock of this.
    private bool _isClosed;

    // Created for the first pending call, because most streams never have one.
    private PendingCall? _pending;

    /// <summary>The bytes for the next flush. Do not keep the object, because <see cref="Release"/> returns it to a cache.</summary>
    public WriteBuffer Buffer => _buffer ??= WriteBuffer.Rent();

    /// <summary>Whether the body is the server's. A middleware's body may block in its flush.</summary>
    public bool IsServersOwn { get; } = IsBodyOf(context);

    /// <summary>Whether the last bytes may not have been sent, so that the client may have a part of a frame.</summary>
    /// <remarks>Then nothing more is written, and the response must not end cleanly.</remarks>
    public bool IsBroken { get; private set; }

    /// <summary>The number of bytes that the next flush sends.</summary>
    public int Unflushed => _buffer?.Size ?? 0;

    /// <summary>The tick at which the next keep-alive is due, if nothing is sent before.</summary>
    public long KeepAliveAt => KeepAliveAfter(Volatile.Read(ref _lastFlush));

    public bool IsWaiting => Volatile.Read(ref _waitingSince) != 0;

    /// <summary>How long a call may take, in ticks; <see cref="ClockEntry.Never"/> if there is no limit.</summary>
    public long TimeoutTicks { get; } = writeTimeout is { } timeout ? Clock.Ticks(timeout) : ClockEntry.Never;

    /// <summary>The tick at which a pending call takes too long; <see cref="ClockEntry.Never"/> if none is pending.</summary>
    public long StalledAt => Volatile.Read(ref _waitingSince) is > 0 and var since ? Clock.After(since, TimeoutTicks) : ClockEntry.Never;

    /// <summary>Records that the request was aborted, which limits the time of a pending call. Any thread may call it.</summary>
    public void NoteAbort() => Interlocked.CompareExchange(ref _abortedAt, clock.Now, 0);

    /// <summary>Abandons a call that is still pending <paramref name="grace"/> ticks after the abort.</summary>
    /// <remarks>Called by the clock while the stream is ending.</remarks>
    public void TickWhileStopping(long now, long grace)
    {
        if (Volatile.Read(ref _waitingSince) is > 0 and var since &&
            Volatile.Read(ref _abortedAt) is > 0 and var abortedAt &&
            now >= Math.Max(since, abortedAt) + grace)
        {
            _pending?.Set(StreamWake.Deadline, inline: false);
        }
    }

    /// <summary>Starts the response, and sends the bytes that were written, or the headers alone.</summary>
    /// <remarks>The start runs the app's <c>OnStarting</c> callbacks.</remarks>
    /// <returns>False if it cannot be sent.</returns>
    public async ValueTask<bool> StartAsync()
    {
        var hasBytes = Unflushed > 0;
        var start = context.Response.StartAsync();
        var hasStarted = await ReturnsAsync(ResultOfAsync(start));

        // Rethrows an exception of the app's callbacks, which is a fault. Otherwise it would look like a client that has left.
        if (start.IsCompleted) await start;
        if (!hasStarted || !await FlushAsync() || !(hasBytes || await FlushHeadersAsync())) return false;
        if (IsServersOwn && IsChunked(context)) _direct = DirectOutput.Of(context);
        return true;
    }

    /// <summary>Sends the bytes that were written. If it returns false, they cannot be sent, and the caller need not write more.</summary>
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

    /// <summary>Sets the interval of keep-alives; null for none. Call it before the clock has the stream.</summary>
    public void KeepAlive(TimeSpan? interval)
    {
        if (interval is { } span) _keepAliveTicks = Clock.Ticks(Jitter.Shorten(span));
    }

    /// <summary>Gets the tick at which a keep-alive is due, if nothing is sent after <paramref name="tick"/>.</summary>
    /// <remarks>
    /// A step of a second, or of a tenth of the interval, has the keep-alives of many streams. So the clock wakes once a step, and not at
    /// each tick. Rounded down, because the silence must not exceed the interval.
    /// </remarks>
    public long KeepAliveAfter(long tick) => Clock.StepBefore(Clock.After(tick, _keepAliveTicks), _keepAliveTicks / 10);

    /// <summary>Returns the buffer to its cache, because nothing will be written for some time.</summary>
    public void Release()
    {
        _buffer?.Return();
        _buffer = null;
    }

    /// <summary>Ends the response, unless it <see cref="IsBroken"/>. False if it did not end.</summary>
    public ValueTask<bool> CompleteAsync() => IsBroken ? new(false) : ReturnsAsync(ResultOfAsync(context.Response.CompleteAsync()));

    /// <summary>Aborts the request. Any thread may call it.</summary>
    /// <remarks>It does nothing after <see cref="Close"/>, because the context may serve another request by then.</remarks>
    public void Abort()
    {
        lock (this)
        {
            if (!_isClosed) context.Abort();
        }
    }

    /// <summary>Closes the output. This is the loop's last call.</summary>
    public void Close()
    {
        lock (this) _isClosed = true;
        Release();
    }

    // Flushes the stream, because a pipe over a middleware's stream flushes nothing if nothing was written.
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
            flush = _buffer is not { Length: > 0 } buffer ? _body.FlushAsync()
                : _direct?.TrySend(buffer.AsChunk()) == true ? _direct.Result()
                : _body.WriteAsync(buffer.Written);
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

    // Under back-pressure, each message may call this. The pooled builder avoids an allocation for each.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<FlushResult> call, bool sendsBuffer)
    {
        // True until the call has returned, because it may throw or be abandoned.
        IsBroken = true;
        var pending = BeginWait();

        // Only if the call sends the buffer. During another call, such as the start of the response, the buffer waits for the next flush.
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

    /// <summary>Whether the server writes the body in chunks of HTTP/1.1, and nothing else is in them.</summary>
    /// <remarks>A request by HEAD has no stream.</remarks>
    private static bool IsChunked(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol)
        && context.Response.Headers.TransferEncoding is ["chunked"];

    private bool IsDeparture(Exception exception) =>
        exception is OperationCanceledException or IOException or ObjectDisposedException || context.RequestAborted.IsCancellationRequested;
}
