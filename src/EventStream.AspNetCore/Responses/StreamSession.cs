using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Routing;

namespace EventStream.AspNetCore.Responses;

/// <summary>One open stream: the loop that pulls its source, and the only writer to its response.</summary>
/// <remarks>
/// The loop owns every field that does not say otherwise. The clock, a client that leaves and a host that stops come from their own threads; they
/// only set what is volatile, and wake the loop by its source's signal.
/// </remarks>
internal sealed class StreamSession : ClockEntry
{
    /// <summary>With <see cref="EventStreamOptions.FlushWhenIdle"/>, the bytes after which a source that is always ready is flushed all the same.</summary>
    private const int MaxUnflushed = 16 * 1024;

    /// <summary>A reset of an HTTP/2 or HTTP/3 stream overtakes what the server has queued for it and what the client has not read yet.</summary>
    private static readonly TimeSpan ResetDelay = TimeSpan.FromMilliseconds(250);

    private readonly HttpContext _context;
    private readonly StreamHost _host;
    private readonly Clock _clock;
    private readonly EventStreamOptions _options;
    private readonly FrameSource _frames;
    private readonly SourceRun _source;
    private readonly StreamOutput _output;
    private readonly StreamFeature? _feature;
    private readonly long _keepAliveTicks;
    private readonly StreamMetrics _metrics;
    private StreamMeasurement _measurement;
    private string? _lastId;
    private EventStreamErrorAction? _errorAction;

    // Volatile: set once, by whichever thread is first.
    private int _endReason;

    // Volatile: ticks, written before or by the host's stopping, and read by the clock.
    private long _lifetimeEnd = Never;
    private long _drainEnd = Never;

    public StreamSession(HttpContext context, StreamHost host, EventStreamOptions options, FrameSource frames)
    {
        _context = context;
        _host = host;
        _clock = host.Clock;
        _metrics = host.Metrics;
        _options = options;
        _frames = frames;
        _source = new SourceRun(_clock, options.SourceStopTimeout);
        _output = new StreamOutput(context, _clock, this, options.WriteTimeout);
        _keepAliveTicks = options.KeepAliveInterval is { } interval ? Clock.Ticks(Jitter.Shorten(interval)) : Never;
        if (options.DrainTimeout > TimeSpan.Zero) context.Features.Set<IEventStreamFeature>(_feature = new StreamFeature());
    }

    private EndReason EndReason => (EndReason)Volatile.Read(ref _endReason);

    private bool IsEnding => EndReason != EndReason.None;

    /// <summary>The tick at which the stream will have been silent for too long.</summary>
    private long SilentUntil => _keepAliveTicks == Never ? Never : _output.LastFlush + _keepAliveTicks;

    private bool IsHttp1 => HttpProtocol.IsHttp11(_context.Request.Protocol) || HttpProtocol.IsHttp10(_context.Request.Protocol);

    private string? EndpointName => _context.GetEndpoint()?.DisplayName ?? _context.Request.Path;

    /// <summary>Runs the stream to its end. Throws only what the source threw: then the server logs it, and cuts the response.</summary>
    public async Task RunAsync(string? lastEventId)
    {
        _lastId = lastEventId;
        _source.Open(_frames, _context, lastEventId);
        var (next, firstFrame) = await TakeFirstStepAsync();
        _measurement = _metrics.Opening((_context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);
        _clock.Add(this);
        if (_options.MaxLifetime is { } lifetime) Volatile.Write(ref _lifetimeEnd, _clock.Now + Clock.Ticks(Jitter.Shorten(lifetime)));
        var leaving = _context.RequestAborted.UnsafeRegister(static session => ((StreamSession)session!).Stop(EndReason.ClientLeft), this);
        var stopping = _host.Stopping.UnsafeRegister(static session => ((StreamSession)session!).OnHostStopping(), this);
        try
        {
            var fault = await StreamAsync(next, firstFrame);
            if (await _source.CloseAsync() is { } thrown) Log.SourceThrewWhileStopping(_host.Logger, thrown, EndpointName, EndReason);
            if (fault is null) await EndAsync();
            else if (!await EndFaultAsync(fault)) ExceptionDispatchInfo.Throw(fault);
        }
        finally
        {
            await leaving.DisposeAsync();
            await stopping.DisposeAsync();
            _clock.Remove(this);
            _metrics.Ended(_measurement, EndReason);
            Log.StreamEnded(_host.Logger, EndpointName, EndReason);
        }
    }

    internal override long OnTick(long now)
    {
        if (now >= Volatile.Read(ref _lifetimeEnd)) Stop(EndReason.LifetimeReached);
        if (now >= Volatile.Read(ref _drainEnd)) Stop(EndReason.HostStopped);
        var stalledAt = _output.StalledAt;
        if (now >= stalledAt)
        {
            Stop(EndReason.ReaderStalled);
            _context.Abort();
        }

        if (IsEnding)
        {
            _source.TickWhileStopping(now);
            return now + 1;
        }

        var silentUntil = SilentUntil;
        if (now >= silentUntil)
        {
            if (!_output.IsFlushing) _source.Wake(StreamWake.KeepAlive);
            silentUntil = now + _keepAliveTicks;
        }

        return Math.Min(Math.Min(silentUntil, stalledAt), Math.Min(Volatile.Read(ref _lifetimeEnd), Volatile.Read(ref _drainEnd)));
    }

    /// <summary>Takes the source's first step. What fails before its first await is thrown while the response is still the app's to write.</summary>
    private async ValueTask<(ValueTask<bool> Next, ArrayBufferWriter<byte>? FirstFrame)> TakeFirstStepAsync()
    {
        try
        {
            var next = _source.Cursor.MoveNextAsync();
            if (!next.IsCompleted) return (next, null);
            if (!await next) return (new(false), null);
            var frame = new ArrayBufferWriter<byte>();
            WriteCurrent(frame);
            return (default, frame);
        }
        catch
        {
            await _source.CloseAsync();
            throw;
        }
    }

    /// <summary>Streams until the source ends or the stream is stopped; returns the fault, if that was the end.</summary>
    private async ValueTask<Exception?> StreamAsync(ValueTask<bool> next, ArrayBufferWriter<byte>? firstFrame)
    {
        try
        {
            await StartResponseAsync(firstFrame);
        }
        catch (Exception exception)
        {
            TryEnd(EndReason.Faulted);
            await _source.DiscardAsync(next);
            return exception;
        }

        try
        {
            await PumpAsync(firstFrame is null ? next : _source.Cursor.MoveNextAsync());
            return null;
        }
        catch (Exception exception)
        {
            if (TryEnd(EndReason.Faulted)) return exception;
            Log.SourceThrewWhileStopping(_host.Logger, exception, EndpointName, EndReason);
            return null;
        }
    }

    private async ValueTask StartResponseAsync(ArrayBufferWriter<byte>? firstFrame)
    {
        EventStreamHeaders.Apply(_context, _options.DataMediaType ?? _frames.DataMediaType);
        await _context.Response.StartAsync();
        if (_options.Retry is { } retry) RetryLine.Write(_output.Body, Jitter.Lengthen(retry));
        if (firstFrame is not null) _output.Body.Write(firstFrame.WrittenSpan);
        await FlushAsync();
        if (_options.Retry is null && firstFrame is null) await _output.FlushHeadersAsync();
        _metrics.HeadersSent(_measurement);
    }

    private async Task PumpAsync(ValueTask<bool> next)
    {
        for (var isFlushed = true; ; next = _source.Cursor.MoveNextAsync())
        {
            if (!next.IsCompleted)
            {
                if (!isFlushed && !await _output.FlushAsync()) Stop(EndReason.ClientLeft);
                isFlushed = true;
                if (!await ReturnsAsync(next)) return;
            }

            if (!await next)
            {
                TryEnd(EndReason.Finished);
                break;
            }

            if (WriteCurrent(_output.Body)) isFlushed = false;
            if (!isFlushed && (!_options.FlushWhenIdle || _output.Body.UnflushedBytes >= MaxUnflushed))
            {
                if (!await _output.FlushAsync()) Stop(EndReason.ClientLeft);
                isFlushed = true;
            }

            if (IsEnding) break;
        }
    }

    /// <summary>Waits for a step of the source, and writes a keep-alive whenever one is due; false if the source was abandoned.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReturnsAsync(ValueTask<bool> step)
    {
        _source.Watch(step);
        while (true)
        {
            var wake = await _source.WaitAsync(step);
            if (wake != StreamWake.KeepAlive) return wake == StreamWake.Source;
            // A keep-alive that was due while the loop was busy may have been overtaken by a message.
            if (IsEnding || _clock.Now < SilentUntil) continue;
            _output.Body.Write(_options.KeepAlive.Frame.Span);
            await FlushAsync();
        }
    }

    /// <summary>Writes the current message; one that cannot be written is left out, with its id, if <see cref="EventStreamOptions.OnError"/> says so.</summary>
    private bool WriteCurrent(IBufferWriter<byte> output)
    {
        int wrote;
        try
        {
            wrote = _source.Cursor.WriteCurrent(output);
        }
        catch (Exception exception)
        {
            _errorAction = ActionOn(exception, canSkip: true, _source.Cursor.CurrentId);
            if (_errorAction != EventStreamErrorAction.Skip) throw;
            Log.MessageSkipped(_host.Logger, exception, EndpointName);
            wrote = FrameEncoder.WritePosition(output, _source.Cursor.CurrentId);
        }

        _lastId = _source.Cursor.CurrentId ?? _lastId;
        if (wrote > 0) _metrics.MessageWritten(wrote);
        return wrote > 0;
    }

    private async ValueTask FlushAsync()
    {
        if (!await _output.FlushAsync()) Stop(EndReason.ClientLeft);
    }

    /// <summary>The end of a stream without a fault: its last bytes, and nothing for a client that is gone.</summary>
    private async ValueTask EndAsync()
    {
        _host.Faults.Recovered(_context.GetEndpoint());
        switch (EndReason)
        {
            case EndReason.Finished when _options.EndOfStream is { } end:
                FrameEncoder.WriteEnd(_output.Body, EndMark.After(_lastId), end, AppJson.OptionsOf(_context));
                await FlushAsync();
                break;
            case EndReason.HostStopped:
                RetryLine.Write(_output.Body, Jitter.Lengthen(_options.DrainRetry));
                await FlushAsync();
                break;
            case EndReason.ReaderStalled:
                Log.ReaderStalled(_host.Logger, EndpointName, _options.WriteTimeout!.Value);
                break;
        }

        if (_source.IsAbandoned) await EndWithoutSourceAsync();
    }

    /// <summary>Ends the request of a source that still runs, so that it delays neither the client nor the host.</summary>
    private async ValueTask EndWithoutSourceAsync()
    {
        Log.SourceAbandoned(_host.Logger, EndpointName, _options.SourceStopTimeout);
        if (!_context.RequestAborted.IsCancellationRequested)
        {
            await _context.Response.CompleteAsync();
            // An abort discards what the transport has not sent yet.
            await Task.Delay(TimeSpan.FromMilliseconds(100), _host.Time);
        }

        // The source may watch RequestAborted, if not the token that it was given.
        _context.Abort();
    }

    /// <summary>The end of a stream by a fault; false if the response must be cut, by throwing the fault to the server.</summary>
    private async ValueTask<bool> EndFaultAsync(Exception fault)
    {
        if (!_context.Response.HasStarted) return false;
        _errorAction ??= ActionOn(fault, canSkip: false, _lastId);
        var wait = _host.Faults.Failed(_context.GetEndpoint(), _options.Retry ?? _options.DrainRetry);
        if (_errorAction.LastMessage is { } last) FrameEncoder.Write(_output.Body, last, AppJson.OptionsOf(_context));
        RetryLine.Write(_output.Body, wait);
        await FlushAsync();
        if (_errorAction.LastMessage is not null)
        {
            Log.SourceFailedWithLastMessage(_host.Logger, fault, EndpointName);
            return true;
        }

        Log.SourceFailed(_host.Logger, EndpointName, wait);
        if (!IsHttp1) await Task.Delay(ResetDelay, _host.Time, _context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    private EventStreamErrorAction ActionOn(Exception exception, bool canSkip, string? id)
    {
        try
        {
            return _options.OnError?.Invoke(new(_context, exception, canSkip, id)) ?? EventStreamErrorAction.Fault;
        }
        catch (Exception second)
        {
            Log.OnErrorThrew(_host.Logger, second, EndpointName);
            return EventStreamErrorAction.Fault;
        }
    }

    private void OnHostStopping()
    {
        if (_feature is null)
        {
            Stop(EndReason.HostStopped);
            return;
        }

        Volatile.Write(ref _drainEnd, _clock.Now + Clock.Ticks(_options.DrainTimeout));
        _clock.Schedule(this, _drainEnd);
        ThreadPool.UnsafeQueueUserWorkItem(static feature => feature.BeginDrain(), _feature, preferLocal: false);
    }

    /// <summary>Ends the stream for <paramref name="reason"/>, unless it is ending: cancels the source, whose return wakes the loop.</summary>
    private void Stop(EndReason reason)
    {
        if (!TryEnd(reason)) return;
        _ = CancelSourceAsync();
        _clock.Schedule(this, _clock.Now + 1);
    }

    private bool TryEnd(EndReason reason) => Interlocked.CompareExchange(ref _endReason, (int)reason, (int)EndReason.None) == (int)EndReason.None;

    private async Task CancelSourceAsync()
    {
        try
        {
            await _source.CancelAsync();
        }
        catch (Exception exception)
        {
            Log.SourceThrewWhileStopping(_host.Logger, exception, EndpointName, EndReason);
        }
    }
}
