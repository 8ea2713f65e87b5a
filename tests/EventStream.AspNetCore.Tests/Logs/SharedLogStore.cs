using EventStream.Testing.Logs;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The log in memory is its own store: every node has the same one.</summary>
/// <param name="log">The log.</param>
/// <param name="open">What the nodes see of it; null, the default, is the log itself.</param>
internal sealed class SharedLogStore(SharedLog log, Func<SharedLog, IEventStreamLog>? open = null) : LogStore
{
    public SharedLogStore()
        : this(new())
    {
    }

    // A log that breaks a rule by silence is to be found soon.
    public override TimeSpan WaitLimit => open is null ? base.WaitLimit : TimeSpan.FromSeconds(1);

    public override Task<IEventStreamLog> OpenAsync() => Task.FromResult(open?.Invoke(log) ?? log);

    public override Task DropAsync(string channel, long through)
    {
        log.Drop(channel, through);
        return Task.CompletedTask;
    }

    public override Task ForgetAsync(string channel)
    {
        log.Forget(channel);
        return Task.CompletedTask;
    }
}
