using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore.Channels;

/// <summary>Producers that write to a channel of their own, whoever reads it.</summary>
internal sealed class ChannelRuns(EventStreamHub hub, IServiceScopeFactory scopes, StreamHost host)
{
    public EventStreamChannel StartOrJoin<T>(
        string name,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<T>> source,
        Func<EventStreamChannel, T, ValueTask<EventStreamPosition>> publish)
    {
        if (hub.DefinitionOf(name) is { IsDurable: true })
        {
            throw new InvalidOperationException(
                $"A run lives in one process, and the channel '{name}' on all nodes. "
                + "Set InMemory for it, and have its clients come back to the same node.");
        }

        EventStreamChannel channel;
        bool begins;
        do
        {
            channel = hub.Channel(name);
            begins = channel.TryBeginRun();
        }
        while (!channel.Log.ConfirmOpen());

        if (!begins) return channel;

        // Without the context of the request that starts it: its HttpContext and its activity end long before.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => RunAsync(channel, source, publish));
        }

        return channel;
    }

    private async Task RunAsync<T>(
        EventStreamChannel channel,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<T>> source,
        Func<EventStreamChannel, T, ValueTask<EventStreamPosition>> publish)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            Turn turn = default;
            await foreach (var item in source(scope.ServiceProvider, host.Stopping).WithCancellation(host.Stopping))
            {
                // A producer that ignores its token would go on after the host.
                if (host.Stopping.IsCancellationRequested) break;
                await publish(channel, item);
                if (turn.IsOver()) await Task.Yield();
            }

            if (!host.Stopping.IsCancellationRequested) await channel.CompleteAsync();
        }
        catch (Exception exception) when (!host.Stopping.IsCancellationRequested)
        {
            Log.RunFailed(host.Logger, exception, channel.Name);
            hub.Drop(channel);
            channel.Fail(exception);
        }
        catch (Exception exception)
        {
            Log.RunStopped(host.Logger, exception, channel.Name);
        }
        finally
        {
            channel.EndRun();
        }
    }
}
