using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventStream.AspNetCore.Responses;

/// <summary>The body of one response: written and flushed by one loop, watched by the clock.</summary>
internal sealed class StreamOutput(HttpContext context, Clock clock, ClockEntry owner, TimeSpan? writeTimeout)
{
    private readonly long _timeoutTicks = writeTimeout is { } timeout ? Clock.Ticks(timeout) : ClockEntry.Never;

    // Written by the loop, read by the clock; _flushingSince is 0 where no flush is pending.
    private long _lastFlush;
    private long _flushingSince;

    // Kestrel alone is known to have copied the bytes into its pipe when a write is pending; another server's stream may still be reading them.
    private readonly bool _copiesAtOnce = IsBodyOf(context) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is not null;

    private readonly PipeWriter _body = context.Response.BodyWriter;
    private WriteBuffer? _buffer;

    /// <summary>What the next flush sends. The caller need not keep it: it is another one after <see cref="Release"/>.</summary>
    public WriteBuffer Buffer => _buffer ??= WriteBuffer.Rent();

    /// <summary>Whether the body is the server's, and no middleware's, whose flush may block.</summary>
    public bool IsServersOwn { get; } = IsBodyOf(context);

    /// <summary>How many bytes the next flush will send.</summary>
    public int Unflushed => _buffer?.Length ?? 0;

    /// <summary>The tick of the last flush.</summary>
    public long LastFlush => Volatile.Read(ref _lastFlush);

    public bool IsFlushing => Volatile.Read(ref _flushingSince) != 0;

    /// <summary>The tick at which a pending flush will have taken too long; <see cref="ClockEntry.Never"/> where none is pending.</summary>
    public long StalledAt => Volatile.Read(ref _flushingSince) is > 0 and var since && _timeoutTicks != ClockEntry.Never ? since + _timeoutTicks : ClockEntry.Never;

    /// <summary>Sends what was written. False if the client is gone, and then nothing more needs to be written.</summary>
    public ValueTask<bool> FlushAsync()
    {
        Volatile.Write(ref _lastFlush, clock.Now);
        ValueTask<FlushResult> flush;
        try
        {
            flush = _buffer is { Length: > 0 } buffer ? _body.WriteAsync(buffer.Written) : _body.FlushAsync();
        }
        catch (Exception exception) when (IsDeparture(exception))
        {
            Release();
            return new(false);
        }

        if (!flush.IsCompletedSuccessfully) return WaitAsync(flush);
        _buffer?.Clear();
        return new(!flush.Result.IsCompleted);
    }

    /// <summary>Gives the buffer up, because nothing is to be written for some time.</summary>
    public void Release()
    {
        _buffer?.Return();
        _buffer = null;
    }

    /// <summary>Sends the headers when there is nothing else to send yet: a pipe over a middleware's stream flushes nothing where nothing was written.</summary>
    public async Task FlushHeadersAsync()
    {
        try
        {
            await context.Response.Body.FlushAsync();
        }
        catch (Exception exception) when (IsDeparture(exception))
        {
        }
    }

    // Under back-pressure each message may come here; a pooled builder keeps that free of allocation.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<FlushResult> flush)
    {
        var now = clock.Now;
        Volatile.Write(ref _flushingSince, now);
        if (_timeoutTicks != ClockEntry.Never) clock.Schedule(owner, now + _timeoutTicks);
        if (_copiesAtOnce) Release();
        try
        {
            return !(await flush).IsCompleted;
        }
        catch (Exception exception) when (IsDeparture(exception))
        {
            return false;
        }
        finally
        {
            Release();
            Volatile.Write(ref _flushingSince, 0);
            Volatile.Write(ref _lastFlush, clock.Now);
        }
    }

    private static bool IsBodyOf(HttpContext context) => ReferenceEquals(context.Features.Get<IHttpResponseBodyFeature>(), context.Features.Get<IHttpResponseFeature>());

    private bool IsDeparture(Exception exception) =>
        exception is OperationCanceledException or IOException or ObjectDisposedException || context.RequestAborted.IsCancellationRequested;
}
