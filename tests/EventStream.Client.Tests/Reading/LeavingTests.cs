using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class LeavingTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_WhileItWaits_EndsAtOnceAndTheServerSeesIt(bool http2)
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(http2, Peer.Silent("data: a\n\n", left));
        using var cancel = new CancellationTokenSource();
        await using var reading = peer.Read(cancellationToken: cancel.Token).GetAsyncEnumerator();
        (await reading.MoveNextAsync()).Should().BeTrue();
        var step = reading.MoveNextAsync();

        await cancel.CancelAsync();

        (await step.AsTask().Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>())
            .Which.CancellationToken.Should().Be(cancel.Token);
        await left.Task.OrFail("the server sees that the client has left");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(":\n")]
    [InlineData("event: other\ndata: x\n\n")]
    public async Task Cancel_WhereNoReadEverWaits_TheCallerHasItsThreadAndTheReadingEnds(string text)
    {
        using var endless = new EndlessServer(text);
        using var cancel = new CancellationTokenSource();
        await using var reading = endless.Client.ReadEventStreamAsync("/", new() { EventNames = ["message"] }, cancel.Token)
            .GetAsyncEnumerator();

        var returned = new TaskCompletionSource<Task<bool>>();
        _ = Task.Run(() => returned.SetResult(reading.MoveNextAsync().AsTask()));
        var step = await returned.Task.OrFail("the call returns to its caller");
        await cancel.CancelAsync();

        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancel_ByTheEnumeratorsToken_EndsToo()
    {
        await using var peer = await Peer.StartAsync(Peer.Silent(""));
        using var cancel = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in peer.Read().WithCancellation(cancel.Token))
            {
            }
        });
        await Soon.Until(() => peer.Requests.Count == 1);

        await cancel.CancelAsync();

        await reading.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancel_BetweenTwoAttempts_EndsAtOnce()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        using var cancel = new CancellationTokenSource();
        var waiting = new TaskCompletionSource();
        await using var reading = peer.Read(new() { OnRetrying = _ => waiting.SetResult() }, cancel.Token).GetAsyncEnumerator();
        (await reading.MoveNextAsync()).Should().BeTrue();
        var step = reading.MoveNextAsync();
        await waiting.Task.OrFail();

        await cancel.CancelAsync();

        await step.AsTask().Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        peer.Requests.Should().ContainSingle();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Break_OutOfTheLoop_TheServerSeesItAtOnce(bool http2)
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(http2, Peer.Silent("data: a\n\ndata: b\n\n", left));

        await foreach (var message in peer.Read())
        {
            message.Data.Should().Be("a");
            break;
        }

        await left.Task.OrFail("the server sees that the client has left");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_InTheLoop_EndsBeforeTheNextEventAndTheServerSeesIt(bool http2)
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(http2, Peer.Silent("data: a\n\ndata: b\n\n", left));
        using var cancel = new CancellationTokenSource();
        List<string> data = [];

        var reading = async () =>
        {
            await foreach (var message in peer.Read(cancellationToken: cancel.Token))
            {
                data.Add(message.Data);
                await cancel.CancelAsync();
            }
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        data.Should().Equal("a");
        await left.Task.OrFail("the server sees that the client has left");
    }

    [Fact(Timeout = 30_000)]
    public async Task Break_WithMoreOnTheWay_TheServerSeesItAtOnce()
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(Peer.Silent($"data: a\n\n:{new string('x', 200_000)}\n", left));

        await foreach (var _ in peer.Read()) break;

        await left.Task.OrFail("the server sees that the client has left");
    }

    [Fact(Timeout = 30_000)]
    public async Task Event_ThatIsTooLarge_TheServerSeesItAtOnce()
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(Peer.Silent($"data: {new string('x', 2000)}\n\n", left));

        await peer.Invoking(each => each.ReadToEndAsync(new() { MaxEventBytes = 1024 })).Should().ThrowAsync<EventStreamClientException>();

        await left.Task.OrFail("the server sees that the client has left");
    }
}
