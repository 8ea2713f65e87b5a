namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>A run whose producer is the test: it publishes to the channel by itself.</summary>
internal sealed class DrivenRun(EventStreamHub hub, string channel) : EventStreamRunRequest(hub, channel, new())
{
    /// <summary>What a start waits for.</summary>
    public Func<Task> Starting { get; init; } = () => Task.CompletedTask;

    /// <summary>For each start, whether it may begin anew.</summary>
    public List<bool> Starts { get; init; } = [];

    internal override async Task<EventStreamRun> StartAsync(bool mayRestart, CancellationToken cancellationToken)
    {
        lock (Starts) Starts.Add(mayRestart);
        await Starting();
        return new(Hub.GetChannel(Channel), token => Hub.StopRunAsync(Channel, token));
    }
}
