using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class ObserverTests
{
    [Fact(Timeout = 30_000)]
    public async Task Observers_OfAReading_AreCalledInOrder()
    {
        await using var peer = await Peer.StartAsync(
            Peer.Stream("id: 1\ndata: a\n\ndata: b\n\n"), Peer.Cut("event: stream-gap\ndata: {\"reason\":\"slow\"}\n\n"), Peer.Stream(""));
        List<string> told = [];

        await peer.ReadToEndAsync(new()
        {
            OnOpened = opened => told.Add($"opened {opened.Connection} from '{opened.LastEventId}', {opened.Headers.Date.HasValue}"),
            OnClosed = closed => told.Add($"closed {closed.Connection} after {closed.Events}{(closed.Error is null ? "" : " broken")}"),
            OnRetrying = retrying => told.Add(
                $"attempt {retrying.Attempt} from '{retrying.LastEventId}'{(retrying.Error is null ? "" : " after a break")}"),
            OnGap = gap => told.Add($"gap {gap.Reason}"),
        });

        told.Should().Equal(
            "opened 1 from '', True",
            "closed 1 after 2",
            "attempt 1 from '1'",
            "opened 2 from '1', True",
            "gap slow",
            "closed 2 after 1 broken",
            "attempt 1 from '1' after a break",
            "opened 3 from '1', True",
            "closed 3 after 0",
            "attempt 2 from '1'");
    }

    [Fact(Timeout = 30_000)]
    public async Task OnClosed_TheReaderLeaves_IsCalled()
    {
        await using var peer = await Peer.StartAsync(Peer.Silent("data: a\n\n"));
        List<EventStreamClientClosed> closed = [];

        await foreach (var _ in peer.Read(new() { OnClosed = closed.Add })) break;

        closed.Should().Equal(new EventStreamClientClosed(1, 1, null));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnOpened_ThatThrows_EndsTheReadingAndTheConnection()
    {
        var left = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(Peer.Silent("data: a\n\n", left));

        await peer.Invoking(each => each.ReadToEndAsync(new() { OnOpened = _ => throw new InvalidOperationException("mine") }))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("mine");

        await left.Task.OrFail("the server sees that the client has left");
    }
}
