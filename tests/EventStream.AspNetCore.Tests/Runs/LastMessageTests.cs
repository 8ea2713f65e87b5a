using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Runs;

/// <summary>The last message of a sequence that fails or is stopped.</summary>
public sealed class LastMessageTests
{
    private readonly List<string> _read = [];

    [Fact(Timeout = 30_000)]
    public async Task Sequence_Throws_YieldsTheLastMessageAndThrowsThatItsReadersAreTold()
    {
        var reading = () => ReadAsync(Failing().WithLastMessage(e => new() { Data = e.GetType().Name }), CancellationToken.None);

        (await reading.Should().ThrowAsync<EventStreamReportedException>()).WithInnerException<InvalidTimeZoneException>();
        _read.Should().Equal("one", "InvalidTimeZoneException");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sequence_ThrowsAndThereIsNoLastMessage_Rethrows()
    {
        var reading = () => ReadAsync(Failing().WithLastMessage(_ => null), CancellationToken.None);

        await reading.Should().ThrowAsync<InvalidTimeZoneException>();
        _read.Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sequence_HasToldItsReaders_RethrowsWithoutALastMessage()
    {
        var told = new EventStreamReportedException("The quota is used up.");
        var reading = () => ReadAsync(Failing(told).WithLastMessage(_ => new() { Data = "last" }), CancellationToken.None);

        (await reading.Should().ThrowAsync<EventStreamReportedException>()).Which.Should().BeSameAs(told);
        _read.Should().Equal("one");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sequence_IsStopped_YieldsTheLastMessageAndEnds()
    {
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(
            Silent.Forever(stop.Token).WithLastMessage(e => new() { Data = e is OperationCanceledException ? "aborted" : "failed" }),
            stop.Token);

        await stop.CancelAsync();

        await reading.OrFail();
        _read.Should().Equal("aborted");
    }

    [Fact(Timeout = 30_000)]
    public async Task Sequence_Ends_YieldsNothingMore()
    {
        await ReadAsync(Texts.From(1, 2).WithLastMessage(_ => new() { Data = "last" }), CancellationToken.None);

        _read.Should().Equal("1", "2");
    }

    private static async IAsyncEnumerable<EventStreamMessage> Failing(
        Exception? exception = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        yield return new() { Data = "one" };
        await Task.Yield();
        stop.ThrowIfCancellationRequested();
        throw exception ?? new InvalidTimeZoneException();
    }

    private async Task ReadAsync(IAsyncEnumerable<EventStreamMessage> messages, CancellationToken stop)
    {
        await foreach (var message in messages.WithCancellation(stop)) _read.Add(message.Data.ToString()!);
    }
}
