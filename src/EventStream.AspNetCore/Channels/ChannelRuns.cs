using System.Runtime.ExceptionServices;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Channels;

/// <summary>Producers that write to a channel of their own, whoever reads it.</summary>
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
                $"A run lives in one process, and the channel '{name}' on all nodes. "
                + "Set InMemory for it, and have its clients come back to the same node.");
        }

        ChannelBacking backing;
        bool? begins;
        do
        {
            backing = channels.Get(name);

            // Not idle before the caller has had time to subscribe.
            backing.Touch();
            begins = backing.History!.TryBeginRun();
        }
        while (begins is null);

        backing.Channel.Run = backing;
        if (begins == false) return backing.Channel;

        // Without the context of the request that starts it: its HttpContext and its activity end long before.
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
            await foreach (var item in source(scope.ServiceProvider, host.Stopping).WithCancellation(host.Stopping))
            {
                // A producer that ignores its token would go on after the host.
                if (host.Stopping.IsCancellationRequested) break;
                await publish(backing.Channel, item);
                if (turn.IsOver()) await Task.Yield();
            }

            if (!host.Stopping.IsCancellationRequested) history.TryComplete();
        }
        catch (Exception exception) when (!host.Stopping.IsCancellationRequested)
        {
            Log.RunFailed(host.Logger, exception, backing.Name);

            // First, so that the next call begins the run anew.
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
