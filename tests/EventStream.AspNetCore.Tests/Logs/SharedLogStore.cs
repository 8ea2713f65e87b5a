using EventStream.AspNetCore.Tests.Logs.Contract;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The log in memory is its own store: every node has the same one.</summary>
internal sealed class SharedLogStore : LogStore
{
    private readonly SharedLog _log = new();

    public override Task<IEventStreamLog> OpenAsync() => Task.FromResult<IEventStreamLog>(_log);

    public override Task DropAsync(string channel, long through)
    {
        _log.Drop(channel, through);
        return Task.CompletedTask;
    }

    public override Task ForgetAsync(string channel)
    {
        _log.Forget(channel);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => default;
}
