using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Channels;

/// <summary>The runs of this node: producers that each write to their own channel, with or without subscribers.</summary>
internal sealed class ChannelRuns(ChannelRegistry channels, IServiceScopeFactory scopes, StreamHost host)
{
    public EventStreamChannel StartOrJoin<T>(
        string name,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<T>> source,
        Func<EventStreamChannel, T, ValueTask<EventStreamPosition>> publish)
    {
        if (channels.DefinitionOf(name) is { IsDurable: true })
        {
            throw new InvalidOperationException(
                $"A run needs a channel in memory, and the messages of the channel '{name}' are in a log. "
                + "Set InMemory for it, and route its clients to the same node.");
        }

        ChannelBacking backing;
        bool? begins;
        do
        {
            backing = channels.Get(name);

            // Without this, the sweep could drop the channel before the caller has subscribed.
            backing.Touch();
            begins = backing.History!.TryBeginRun();
        }
        while (begins is null);

        backing.Channel.Run = backing;
        if (begins == false) return backing.Channel;

        // Without the execution context of the request, because its HttpContext and its activity end before the run does.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => RunAsync(backing, source, publish));
        }

        return backing.Channel;
    }

    private async Task RunAsync<T>(
        ChannelBacking backing,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<T>> source,
        Func<EventStreamChannel, T, ValueTask<EventStreamPosition>> publish)
    {
        var history = backing.History!;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            Turn turn = default;
            await foreach (var item in source(scope.ServiceProvider, host.Drain.Over).WithCancellation(host.Drain.Over))
            {
                // Otherwise a producer that ignores its token would continue after the host has stopped.
                if (host.Drain.Over.IsCancellationRequested) break;
                await publish(backing.Channel, item);
                if (turn.IsOver()) await Task.Yield();
            }

            if (!host.Drain.Over.IsCancellationRequested) history.TryComplete();
        }
        catch (Exception exception) when (!host.Drain.Over.IsCancellationRequested)
        {
            Log.RunFailed(host.Logger, exception, backing.Name);

            // Before it is completed, so that a call after the failure starts the run again.
            channels.Detach(backing);
            history.TryComplete(ExceptionDispatchInfo.Capture(exception));
        }
        catch (Exception exception)
        {
            Log.RunStopped(host.Logger, exception, backing.Name);
        }
        finally
        {
            history.EndRun();
        }
    }
}
