using EventStream.Client.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace EventStream.Client.Tests.Reading;

public sealed class IdleTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_OfTheIdleTimeout_IsADeadConnection(bool http2)
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(http2, Peer.Silent("id: 1\ndata: a\n\n", left), Peer.Stream("data: b\n\n"));
        List<EventStreamClientRetrying> retries = [];

        var events = await peer.ReadToEndAsync(new() { IdleTimeout = Idle, OnRetrying = retries.Add });

        events.Select(each => each.Data).Should().Equal("a", "b");
        retries[0].Error.Should().BeOfType<TimeoutException>()
            .Which.Message.Should().Be("The server sent nothing for 00:00:20 (IdleTimeout).");
        peer.Requests[1]["Last-Event-ID"].Should().Be("1");
        await left.Task.OrFail("the server sees that the client has left");
    }

    [Fact(Timeout = 30_000)]
    public async Task Silence_BeforeTheHeaders_IsADeadConnection()
    {
        await using var peer = await Peer.StartAsync(Peer.GoneAsync, Peer.Stream("data: a\n\n"));
        List<EventStreamClientRetrying> retries = [];

        var events = await peer.ReadToEndAsync(
            new() { IdleTimeout = Idle, OnRetrying = retries.Add }, passes: () => retries.Count == 0 || !peer.IsAnswering);

        events.Should().ContainSingle();
        retries[0].Error.Should().BeOfType<TimeoutException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Silence_InTheBodyOfARefusal_IsARefusalAnyway()
    {
        var isTold = false;
        await using var peer = await Peer.StartAsync(async context =>
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("who are ");
            await context.Response.Body.FlushAsync();
            Volatile.Write(ref isTold, true);
            await Peer.GoneAsync(context);
        });

        // The headers are on their way when the clock begins to run, and have a long time to arrive.
        (await peer.Invoking(each => each.ReadToEndAsync(new() { IdleTimeout = Idle }, passes: () => Volatile.Read(ref isTold)))
            .Should().ThrowAsync<EventStreamClientException>())
            .WithMessage("*401*who are");
    }

    [Fact(Timeout = 30_000)]
    public async Task Comments_WithinTheIdleTimeout_KeepTheStreamOpen()
    {
        using var server = new InlineServer();
        var time = new FakeTimeProvider();
        await using var reading = server.Client.ReadEventStreamAsync(
            "/", new() { IdleTimeout = Idle, TimeProvider = time, Reconnect = EventStreamClientReconnect.Never }).GetAsyncEnumerator();
        var step = reading.MoveNextAsync();

        for (var i = 0; i < 5; i++)
        {
            time.Advance(Idle - TimeSpan.FromSeconds(1));
            await server.SendAsync(":\n");
        }

        await server.SendAsync("data: a\n\n");
        (await step).Should().BeTrue();
        reading.Current.Data.Should().Be("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Comments_AndThenSilence_IsADeadConnection()
    {
        using var server = new InlineServer();
        var time = new FakeTimeProvider();
        await using var reading = server.Client.ReadEventStreamAsync(
            "/", new() { IdleTimeout = Idle, TimeProvider = time, Reconnect = EventStreamClientReconnect.Never }).GetAsyncEnumerator();
        var step = reading.MoveNextAsync();
        time.Advance(Idle - TimeSpan.FromSeconds(1));
        await server.SendAsync(":\n");

        time.Advance(Idle - TimeSpan.FromTicks(1));
        step.IsCompleted.Should().BeFalse("the silence is younger than that");
        time.Advance(TimeSpan.FromTicks(1));

        await step.AsTask().Invoking(task => task.OrFail()).Should().ThrowAsync<TimeoutException>().WithMessage("The server sent nothing*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Reader_ThatTakesItsTime_IsNotSilence()
    {
        var next = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(async context =>
        {
            await Peer.SendAsync(context, "data: a\n\n");
            await next.Task;
            await Peer.SendAsync(context, "data: b\n\n");
        });
        await using var reading = peer.Read(new() { IdleTimeout = Idle, Reconnect = EventStreamClientReconnect.Never })
            .GetAsyncEnumerator();

        (await reading.MoveNextAsync()).Should().BeTrue();
        for (var i = 0; i < 5; i++) peer.Time.Advance(Idle);
        next.SetResult();

        (await reading.MoveNextAsync()).Should().BeTrue();
        reading.Current.Data.Should().Be("b");
    }

    [Fact(Timeout = 30_000)]
    public async Task Idle_SwitchedOff_WaitsForAsLongAsItTakes()
    {
        var next = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(async context =>
        {
            await Peer.SendAsync(context, ":\n");
            await next.Task;
            await Peer.SendAsync(context, "data: a\n\n");
        });
        await using var reading = peer.Read(new() { IdleTimeout = null, Reconnect = EventStreamClientReconnect.Never })
            .GetAsyncEnumerator();
        var step = reading.MoveNextAsync();
        await Soon.Until(() => peer.Requests.Count == 1);

        peer.Time.Advance(TimeSpan.FromDays(1));
        next.SetResult();

        (await step).Should().BeTrue();
    }
}
