using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class ContextTests
{
    /// <summary>The client must not read on a user interface's context: code that blocks this context would never end.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Read_UnderAUserInterfacesContext_DoesNotGoThroughIt()
    {
        await using var peer = await Peer.StartAsync(Peer.Cut("data: a\n\n"), Peer.Stream("data: b\n\n"));
        await using var reading = peer.Read().GetAsyncEnumerator();
        var context = new BusyContext();

        (await Under(context, reading.MoveNextAsync).OrFail()).Should().BeTrue();
        var next = Under(context, reading.MoveNextAsync);
        await peer.WhileTimePasses(next);

        (await next).Should().BeTrue();
        context.Posts.Should().Be(0);
    }

    private static Task<bool> Under(SynchronizationContext context, Func<ValueTask<bool>> step)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return step().AsTask();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class BusyContext : SynchronizationContext
    {
        public int Posts { get; private set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Posts++;
            ThreadPool.QueueUserWorkItem(_ => d(state));
        }
    }
}
