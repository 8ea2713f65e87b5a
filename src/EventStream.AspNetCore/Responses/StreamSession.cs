using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Responses;

/// <summary>One open stream: its loop polls the source, and is the only writer to the response.</summary>
/// <remarks>
/// The loop owns every field without another note. The clock, and the callback when the client leaves, run on other threads. They only set
/// volatile fields, and wake the loop by its source's signal.
/// </remarks>
internal sealed class StreamSession : ClockEntry
{
    private readonly HttpContext _context;

    // Kept, because the clock's thread may log just after the request has ended, when the context is disposed of.
    private readonly string? _endpoint;
    private readonly StreamHost _host;
    private readonly EventStreamOptions _options;
    private readonly StreamPermits _permits;
    private readonly SourceRun _source;
    private readonly StreamOutput _output;
    private readonly StreamStop _stop;
    private StreamFeature? _feature;
    private PlainStreams? _plain;
    private Reauthorization? _reauthorization;
    private StreamMeasurement _measurement;
    private string? _requestedId;
    private EventStreamErrorAction? _errorAction;

    public StreamSession(HttpContext context, StreamHost host, EventStreamOptions options, StreamPermits permits)
    {
        _context = context;
        _endpoint = context.EndpointName;
        _host = host;
        _options = options;
        _permits = permits;
        _output = new StreamOutput(context, host.Clock, this, options.WriteTimeout);
        _stop = new StreamStop(options.SourceStopTimeout);
        _source = new SourceRun(host.Clock, _stop, resumesInline: _output.IsServersOwn);
    }

    // These six are for Reauthorization, so that its object is small.
    public HttpContext Context => _context;

    public StreamHost Host => _host;

    public EventStreamOptions Options => _options;

    public string? Route => _measurement.Route;

    public string? EndpointName => _endpoint;

    public IEnumerable<ChannelPolicy> Policies => _source.Cursor.Policies;

    private MessageWriter Messages => new(_context, _host, _options, _source, _output, _stop);

    /// <summary>The next tick at which the stream may have to end.</summary>
    private long NextEnd => Math.Min(_stop.Next, _reauthorization?.Next ?? Never);

    /// <summary>Runs the stream to its end.</summary>
    /// <remarks>
    /// It throws only the source's exceptions. The server logs them, and cuts the response. If the source throws before its first await,
    /// the response has not started, so the app can still write an error response.
    /// </remarks>
    public Task RunAsync(FrameSource frames, StreamFormat format, string? lastEventId)
    {
        var started = _host.Time.GetTimestamp();
        _requestedId = lastEventId;

        // The library's own sources do not ask for it.
        if (_options.DrainTimeout > TimeSpan.Zero && frames.NeedsToken)
        {
            _feature = new StreamFeature();
            _context.Features.Set<IEventStreamFeature>(_feature);
        }

        _reauthorization = Reauthorization.Of(this, frames);
        _plain = frames.IsPlain ? _host.PlainStreams : null;
        var stream = _plain is null ? default : StreamIdentity.Of(_context);
        _source.Open(_context, frames, format, lastEventId, stream.IsNamed ? _plain!.Lease : null);
        var protocol = _source.Cursor.Protocol;
        _output.KeepAlive(_options.KeepAliveIntervalIn(protocol));
        _host.Drain.Enter(_options.DrainTimeout);
        _host.Clock.Add(this);
        if (_plain?.Join(this, stream, _context) is { } revocation) Revoke(revocation);
        if (protocol.LoneLines && _options.Retry is { } retry) RetryLine.Write(_output.Buffer, Jitter.Lengthen(retry));
        var first = PollResult.Ended;
        ExceptionDispatchInfo? failure = null;
        try
        {
            if (_stop.MaySendLast) first = _source.Poll();
            if (first == PollResult.Ready && _stop.MaySendLast) Messages.Write(ref _errorAction);
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
            if (_errorAction?.LastMessage is null && !_stop.IsEnding) return RefuseAsync(failure);
        }

        try
        {
            // Throws if the source has started the response.
            EventStreamHeaders.Apply(_context, _options.DataMediaType ?? frames.DataMediaType, _options.KeepAliveHeaderIn(protocol));
            _stop.BeginLifetime(_host.Clock.Now, _options.MaxLifetime);
            if (AuthenticationExpiry.Of(_context, _options) is { } expiry)
            {
                _stop.ExpireAt(_host.Clock.TickAfter(expiry - _host.Time.GetUtcNow()));
            }

            _reauthorization?.Begin(_host.Clock.Now);
            _host.Clock.Schedule(this, NextEnd);
            _measurement = _host.Metrics.Opening(_context.Route, started);
        }
        catch (Exception exception)
        {
            return RefuseAsync(ExceptionDispatchInfo.Capture(exception));
        }

        return LoopAsync(first, failure);
    }

    /// <summary>Ends the stream, because a revocation selects it. Any thread may call it.</summary>
    public void Revoke(Revocation revocation) => Stop(revocation.EndReason);

    /// <summary>Continues with a message that was held, after the lease was renewed. Any thread may call it.</summary>
    public void WakeIfHeld() => _source.WakeIfHeld();

    internal override long OnTick(long now)
    {
        StopIfDue(now);

        // A keep-alive that is due now waits for the next tick, so that the check comes first. A stream that is ending is checked too,
        // because its source may still yield.
        if (_reauthorization?.Tick(now) == true && !_stop.IsEnding) return now + 1;
        var stalledAt = _stop.StalledAt(_output);
        if (now >= stalledAt)
        {
            Stop(EndReason.ReaderStalled);
            _output.NoteAbort();
            ThreadPool.UnsafeQueueUserWorkItem(static output => output.Abort(), _output, preferLocal: false);
        }

        if (_stop.IsEnding)
        {
            _source.TickWhileStopping(now);
            _output.TickWhileStopping(now, _stop.Grace);
            return now + 1;
        }

        var keepAliveAt = _output.KeepAliveAt;
        if (now >= keepAliveAt)
        {
            keepAliveAt = _output.KeepAliveAfter(now);
            if (!_output.IsWaiting) _source.WakeForKeepAlive();
        }

        return Math.Min(Math.Min(keepAliveAt, stalledAt), NextEnd);
    }

    /// <summary>Ends the stream, because its user may not read it any more. Any thread may call it.</summary>
    public void Refuse() => Stop(EndReason.AuthorizationRefused);

    // One method for the whole loop, because each async method that waits costs an object of 100 to 200 bytes a stream.
    private async Task LoopAsync(PollResult polled, ExceptionDispatchInfo? failure)
    {
        CancellationTokenRegistration leaving = default;
        Exception? fault = null;
        var isOnClock = false;
        try
        {
            leaving = _context.RequestAborted.UnsafeRegister(static session => ((StreamSession)session!).ClientLeft(), this);
            if (!await _output.StartAsync()) Stop(EndReason.ClientLeft);
            else _host.Metrics.HeadersSent(_measurement);
            failure?.Throw();

            while (true)
            {
                // The ready message is already written. Now the following messages are polled and written, until none is ready.
                while (polled == PollResult.Ready && !_stop.IsEnding)
                {
                    if (!await Messages.SendReadyAsync(ref polled, ref _errorAction)) Stop(EndReason.ClientLeft);
                }

                if (polled != PollResult.Pending) break;
                if (_output.Unflushed > 0 && !await _output.FlushAsync()) Stop(EndReason.ClientLeft);
                _output.Release();
                do
                {
                    // Looked at before each wait, because a source that was ready meanwhile may have had nothing to send.
                    if (!_stop.IsEnding && _host.Clock.Now >= _output.KeepAliveAt)
                    {
                        if (!await Messages.SendKeepAliveAsync()) Stop(EndReason.ClientLeft);
                        _output.Release();
                    }

                    var wake = await _source.WaitAsync();
                    isOnClock |= wake.HasFlag(StreamWake.KeepAlive);
                    if (wake.HasFlag(StreamWake.Source))
                    {
                        // The clock's thread serves many streams, and must not run the source's code.
                        if (isOnClock) await Task.Yield();
                        isOnClock = false;
                        polled = _source.Poll();
                        if (polled != PollResult.Pending) break;
                    }
                }
                while (!_source.TryAbandonStep());

                if (polled != PollResult.Ready || !_stop.MaySendLast) break;
                if (!await Messages.SendAsync(ref _errorAction)) Stop(EndReason.ClientLeft);
            }

            if (polled == PollResult.Ended) TryEnd(_source.Cursor.EndReason);
        }
        catch (Exception exception)
        {
            fault = exception;
        }

        await EndAsync(leaving, fault);
    }

    // Not in the loop, whose object would be larger by it as long as the stream is open.
    private async Task EndAsync(CancellationTokenRegistration leaving, Exception? fault)
    {
        try
        {
            // A thread of the clock or of a channel serves many streams. It must not run the code that follows this stream, such as the
            // app's middleware.
            await Task.Yield();
            await EndAsync(fault);
        }
        finally
        {
            await leaving.DisposeAsync();
            Leave();
            _host.Metrics.Ended(_measurement, _stop.Reason);
            Log.StreamEnded(_host.Logger, _endpoint, _stop.Reason);
        }
    }

    /// <summary>Disposes of a source that failed before anything was sent, and rethrows its exception.</summary>
    private async Task RefuseAsync(ExceptionDispatchInfo exception)
    {
        try
        {
            TryEnd(EndReason.Faulted);
            await _source.CloseAsync();
        }
        finally
        {
            Leave();
        }

        exception.Throw();
    }

    private ValueTask EndAsync(Exception? fault)
    {
        if (fault is not null && !TryEnd(EndReason.Faulted))
        {
            Log.SourceThrewWhileStopping(_host.Logger, fault, _endpoint, _stop.Reason);
            fault = null;
        }

        return new StreamEnding(_context, _host, _options, _source, _output, _stop).RunAsync(fault, _errorAction, _requestedId);
    }

    /// <summary>Leaves the lists of streams, and returns the permits, before the request ends.</summary>
    private void Leave()
    {
        _reauthorization?.Close();
        _plain?.Leave(this);
        _host.Clock.Remove(this);
        _host.Drain.Leave(_options.DrainTimeout);
        _output.Close();
        _host.Limits?.Return(_permits, _host.Logger, _endpoint);
    }

    private void ClientLeft()
    {
        _output.NoteAbort();
        Stop(EndReason.ClientLeft);
    }

    private void StopIfDue(long now)
    {
        if (_host.Stopping.IsCancellationRequested && !_stop.IsDraining) BeginDrain(now);
        if (_host.Drain.Over.IsCancellationRequested) _stop.EndDrain(now);
        if (_stop.ReasonAt(now) is var reason and not EndReason.None) Stop(reason);
    }

    private void BeginDrain(long now)
    {
        var decidesItself = _feature?.IsAsked == true;
        _stop.BeginDrain(now, decidesItself ? _options.DrainTimeout : Jitter.Within(_options.DrainTimeout));
        _feature?.BeginDrainAsync().Report(_host.Logger, _endpoint, _stop);
    }

    /// <summary>Ends the stream for <paramref name="reason"/>, unless it is already ending.</summary>
    /// <remarks>It cancels the source. When the source returns, the loop wakes.</remarks>
    private void Stop(EndReason reason)
    {
        if (TryEnd(reason)) _source.CancelAsync().Report(_host.Logger, _endpoint, _stop);
    }

    private bool TryEnd(EndReason reason)
    {
        if (!_stop.TryEnd(reason, _host.Clock.Now)) return false;
        _host.Clock.Schedule(this, _host.Clock.Now + 1);
        return true;
    }
}
