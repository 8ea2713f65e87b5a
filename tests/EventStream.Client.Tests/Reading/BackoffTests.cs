using EventStream.Client.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace EventStream.Client.Tests.Reading;

public sealed class BackoffTests
{
    [Fact(Timeout = 30_000)]
    public async Task Delay_OfAnEndWithEvents_IsTheReconnectionTimeAndUpToAHalfMore()
    {
        await using var peer = await Peer.StartAsync(
            Peer.Stream("data: a\n\n"), Peer.Stream("retry: 10000\ndata: b\n\n"), Peer.Stream("retry: soon\ndata: c\n\n"));

        var retries = await RetriesAsync(peer, new());

        retries.Select(retry => retry.Attempt).Should().Equal(1, 1, 1);
        retries[0].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3)).And.BeLessThan(TimeSpan.FromSeconds(4.5));
        retries[1].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10)).And.BeLessThan(TimeSpan.FromSeconds(15));
        retries[2].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10), "no digits, no change");
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_AttemptsWithoutAnEvent_DoublesUpToTheMost()
    {
        await using var peer = await Peer.StartAsync([.. Enumerable.Repeat(Peer.Stream(": hello\n"), 6)]);

        var retries = await RetriesAsync(
            peer, new() { ReconnectDelay = TimeSpan.FromSeconds(1), MaxReconnectDelay = TimeSpan.FromSeconds(10) });

        retries.Select(retry => retry.Attempt).Should().Equal(2, 3, 4, 5, 6, 7);
        double[] least = [1, 2, 4, 8, 10, 10];
        retries.Zip(least).Should().OnlyContain(
            pair => pair.First.Delay.TotalSeconds >= pair.Second && pair.First.Delay.TotalSeconds < pair.Second * 1.5);
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_AnEventAfterFailedAttempts_BeginsAgain()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(""), Peer.Stream(""), Peer.Stream("data: a\n\n"), Peer.Stream(""));

        var retries = await RetriesAsync(peer, new() { ReconnectDelay = TimeSpan.FromSeconds(1) });

        retries.Select(retry => retry.Attempt).Should().Equal(2, 3, 1, 2);
        retries[2].Delay.Should().BeLessThan(TimeSpan.FromSeconds(1.5));
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_AQuietStreamThatLasted_IsNoFailedAttempt()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(""), Peer.Silent(": alive\n"), Peer.Stream(""));

        var retries = await RetriesAsync(
            peer, new() { ReconnectDelay = TimeSpan.FromSeconds(1), IdleTimeout = TimeSpan.FromSeconds(30) }, quiet: 2);

        retries.Select(retry => retry.Attempt).Should().Equal(2, 1, 2);
        retries[1].Error.Should().BeOfType<TimeoutException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_ServerSendsZero_IsATenthOfASecond()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("retry: 0\ndata: a\n\n"));

        var retries = await RetriesAsync(peer, new());

        retries.Should().ContainSingle().Which.Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(0.1))
            .And.BeLessThan(TimeSpan.FromSeconds(0.15));
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_ServerSendsWeeks_IsADay()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Stream("retry: 2000000000\ndata: a\n\n"));
        TimeSpan? delay = null;
        var options = new EventStreamClientOptions
        {
            OnRetrying = retrying =>
            {
                delay = retrying.Delay;
                throw new OperationCanceledException();
            },
        };

        var reading = () => handler.Client.ReadEventStreamAsync("/", options).CountAsync().AsTask();

        await reading.Should().ThrowAsync<OperationCanceledException>();
        delay.Should().Be(TimeSpan.FromDays(1));
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_ServerSendsMoreThanTheMost_IsObeyed()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("retry: 20000\n\n"));

        var retries = await RetriesAsync(peer, new() { MaxReconnectDelay = TimeSpan.FromSeconds(5) });

        retries.Should().ContainSingle().Which.Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(20));
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_OutageOfManyLongWaits_StaysAtTheMost()
    {
        using var nobody = new HttpClient(new Unreachable()) { BaseAddress = new("http://nobody/") };
        var time = new FakeTimeProvider();
        List<EventStreamClientRetrying> retries = [];
        var reading = nobody.ReadEventStreamAsync("/", new()
        {
            ReconnectDelay = TimeSpan.FromMinutes(15),
            MaxReconnectDelay = TimeSpan.FromDays(1),
            MaxAttempts = 100,
            TimeProvider = time,
            OnRetrying = retries.Add,
        });
        await using var enumerator = reading.GetAsyncEnumerator();
        var step = enumerator.MoveNextAsync().AsTask();

        await Soon.Until(() =>
        {
            if (step.IsCompleted) return true;
            time.Advance(TimeSpan.FromDays(2));
            return false;
        });

        await step.Invoking(task => task).Should().ThrowAsync<HttpRequestException>();
        retries.Should().HaveCount(99);
        retries[98].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromDays(1)).And.BeLessThan(TimeSpan.FromDays(1.5));
    }

    [Fact(Timeout = 30_000)]
    public async Task Delay_IsWaited_BeforeTheNextRequest()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("retry: 5000\ndata: a\n\n"));

        var retries = await RetriesAsync(peer, new());

        (peer.Requests[1].At - peer.Requests[0].At).Should().BeGreaterThanOrEqualTo(retries[0].Delay - TimeSpan.FromSeconds(0.25));
    }

    [Fact(Timeout = 30_000)]
    public async Task MaxAttempts_AllFail_ThrowsTheLastError()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"), Peer.Cut(": x\n"), Peer.Cut(": y\n"));

        var reading = RetriesAsync(peer, new() { MaxAttempts = 2 });

        await reading.Invoking(task => task).Should().ThrowAsync<IOException>();
        peer.Requests.Should().HaveCount(3);
    }

    [Fact(Timeout = 30_000)]
    public async Task MaxAttempts_AllEndWithoutAnEvent_ThrowsAndReportsIt()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream(""), Peer.Stream(""), Peer.Stream(""));

        var reading = RetriesAsync(peer, new() { MaxAttempts = 3 });

        (await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>())
            .WithMessage("3 attempts in a row ended without an event. MaxAttempts allows no more*");
    }

    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.NameResolutionError);
    }

    /// <summary>
    /// Reads to the end. The clock runs only during the waits and during the connection number <paramref name="quiet"/>, so that an
    /// attempt takes no time on a slow machine either.
    /// </summary>
    private static async Task<List<EventStreamClientRetrying>> RetriesAsync(Peer peer, EventStreamClientOptions options, int quiet = 0)
    {
        List<EventStreamClientRetrying> retries = [];
        var passes = false;
        options.OnRetrying = retry =>
        {
            retries.Add(retry);
            Volatile.Write(ref passes, true);
        };
        options.PrepareRequest = (_, _) =>
        {
            Volatile.Write(ref passes, false);
            return ValueTask.CompletedTask;
        };
        options.OnOpened = opened => Volatile.Write(ref passes, opened.Connection == quiet);
        await peer.ReadToEndAsync(options, passes: () => Volatile.Read(ref passes));
        return retries;
    }
}
