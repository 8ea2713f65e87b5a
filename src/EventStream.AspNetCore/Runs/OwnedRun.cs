using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Runs;

/// <summary>A run whose producer is called on this node.</summary>
/// <remarks>
/// <para>1. <see cref="RunAsync"/> calls the producer in a service scope of its own, and writes what it yields to the output.</para>
/// <para>2. The first reason to end decides: the producer's own end, or a call of <see cref="Stop"/>.</para>
/// <para>
/// 3. A stop cancels the producer's token. After a requested stop, the producer has <see cref="ForeignCall.Moment"/> for its last messages.
/// After any other reason, nothing more of it is written.
/// </para>
/// <para>4. The output ends the run. A producer that ignores its token goes on alone: what it yields is dropped.</para>
/// </remarks>
/// <param name="channel">The channel that it fills.</param>
/// <param name="producer">The app's producer.</param>
/// <param name="options">How the run behaves.</param>
/// <param name="output">Where the messages go.</param>
/// <param name="scopes">Makes the scope of its services.</param>
internal sealed class OwnedRun(
    EventStreamChannel channel, RunProducer producer, EventStreamRunOptions options, RunOutput output, IServiceScopeFactory scopes)
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<RunEndReason> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Set by RunAsync before the run ends, and read by the loop that writes.
    private volatile bool _isClosed;

    public EventStreamChannel Channel => channel;

    public EventStreamRunOptions Options => options;

    /// <summary>How many messages the channel has from before the run, or from before it was taken over.</summary>
    public long Messages { get; init; }

    /// <summary>The position of the newest of them; null if there is none.</summary>
    public EventStreamPosition? Last { get; init; }

    /// <summary>How the run ends on this node when the host has drained.</summary>
    public RunEndReason AtHostStop { get; init; } = RunEndReason.HostStopped;

    private StreamHost Host => channel.Definition.Host;

    private bool Accepts => !_isClosed && (!_end.Task.IsCompleted || _end.Task.Result == RunEndReason.Stopped);

    /// <summary>Ends the run, unless it ends already.</summary>
    /// <remarks>It returns at once. The token is cancelled on the thread pool, because the producer's callbacks may block.</remarks>
    public void Stop(RunEndReason reason)
    {
        if (_end.TrySetResult(reason)) _stop.CancelAsync().Abandon();
    }

    /// <summary>Runs the producer, and ends the run. It throws nothing.</summary>
    public async Task RunAsync()
    {
        using var draining = Host.Drain.Over.UnsafeRegister(static state =>
        {
            var run = (OwnedRun)state!;
            run.Stop(run.AtHostStop);
        }, this);
        var scope = scopes.CreateAsyncScope();
        var producing = Task.Run(() => ProduceAsync(scope.ServiceProvider));
        await Task.WhenAny(producing, _end.Task, output.Broken);
        if (output.Broken.IsCompleted) Stop(await output.Broken);
        var end = _end.TrySetResult(RunEndReason.Producer) ? RunEndReason.Producer : await _end.Task;
        if (end == RunEndReason.Stopped)
        {
            await producing.WaitAsync(ForeignCall.Moment, Host.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _isClosed = true;
        await output.EndAsync(await OutcomeAsync(end, producing));
        ReleaseAsync(producing, scope, isKnown: end == RunEndReason.Producer).Abandon();
    }

    private async Task ProduceAsync(IServiceProvider services)
    {
        EventStreamRunContext context = new(channel, services) { Stop = _stop.Token, Messages = Messages, Last = Last };
        Turn turn = default;
        await foreach (var entries in producer(context))
        {
            if (!Accepts) return;
            await output.WriteAsync(entries);
            if (turn.IsOver()) await Task.Yield();
        }
    }

    private async Task<RunOutcome> OutcomeAsync(RunEndReason end, Task producing)
    {
        if (end == RunEndReason.HandedOver)
        {
            // So that the node that continues the run finds them. What does not arrive in time is refused after its claim.
            await output.FlushAsync().ReturnsAsync(Host.Time, ForeignCall.Moment, TimeSpan.Zero, CancellationToken.None);
        }

        if (end is not (RunEndReason.Producer or RunEndReason.Stopped or RunEndReason.NotAppended))
        {
            return new(end, EventStreamRunState.Failed);
        }

        ExceptionDispatchInfo? failure = null;
        try
        {
            if (end == RunEndReason.Producer) await producing;
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
            NoteFailure(exception);
        }

        var areTold = failure is not null && await TellReadersAsync(failure.SourceException);
        try
        {
            await output.FlushAsync();
        }
        catch (Exception exception)
        {
            if (failure is null) NoteFailure(exception);
            return new(end, EventStreamRunState.Failed, ExceptionDispatchInfo.Capture(exception));
        }

        if (failure is not null) return new(end, EventStreamRunState.Failed, failure, areTold);
        return new(end, end == RunEndReason.Stopped ? EventStreamRunState.Stopped : EventStreamRunState.Complete);
    }

    private void NoteFailure(Exception exception)
    {
        Log.RunFailed(Host.Logger, exception, channel.Name);
        Host.Faults.MarkLogged(exception);
    }

    /// <summary>Publishes the last message of <see cref="EventStreamRunOptions.OnError"/>, unless the producer's own was one.</summary>
    /// <returns>Whether the readers are told, so that their streams end cleanly.</returns>
    private async Task<bool> TellReadersAsync(Exception exception)
    {
        if (exception is EventStreamReportedException) return true;
        try
        {
            if (options.OnError?.Invoke(exception)?.LastMessage is not { } last) return false;
            var entry = new MessageEncoder(channel.Name, channel.Definition).EncodeLast(last);
            entry.PublishedAt = Host.Time.GetTimestamp();
            await output.WriteAsync([entry]);
            return true;
        }
        catch (Exception thrown)
        {
            Log.OnErrorOfRunThrew(Host.Logger, thrown, channel.Name);
            return false;
        }
    }

    /// <summary>Disposes of the producer's services when the producer has ended, which may be long after the run.</summary>
    /// <param name="producing">The producer.</param>
    /// <param name="scope">Its services.</param>
    /// <param name="isKnown">Whether the exception of the producer was logged.</param>
    private async Task ReleaseAsync(Task producing, AsyncServiceScope scope, bool isKnown)
    {
        try
        {
            await producing;
        }
        catch (Exception exception)
        {
            if (!isKnown) Log.RunThrewAfterItsEnd(Host.Logger, exception, channel.Name);
        }

        try
        {
            await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            Log.RunThrewAfterItsEnd(Host.Logger, exception, channel.Name);
        }
    }
}
