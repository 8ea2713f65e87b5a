using System.Net;
using System.Text;
using EventStream.Client.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace EventStream.Client.Tests.Reading;

/// <summary>What handlers throw, and what of it ends the reading.</summary>
public sealed class HandlerFailureTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<EventStreamClientRetrying> _retries = [];

    public static TheoryData<Exception> OfHandlers =>
    [
        new HandlersOwnException(),
        new InvalidOperationException("The endpoint collection contains no endpoints"),
        new ArgumentException("of a handler"),
        new FormatException("of a handler"),
        new KeyNotFoundException("of a handler"),
        new UnauthorizedAccessException("of a handler"),
        new AggregateException(new TimeoutException()),
        new HttpRequestException("no such host"),
        new TimeoutException("too slow"),
    ];

    public static TheoryData<Exception> OfBodies =>
    [
        new HandlersOwnException(),
        new InvalidDataException("truncated gzip"),
        new ObjectDisposedException("body"),
        new NotSupportedException("of a stream"),
        new InvalidOperationException("of a stream"),
        new IOException("reset"),
    ];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OfHandlers), DisableDiscoveryEnumeration = true)]
    public async Task Handler_ThatThrows_IsAFailedAttempt(Exception error)
    {
        var handler = new ScriptedHandler(
            ScriptedHandler.Throws(error), ScriptedHandler.Fails(error), ScriptedHandler.Stream("data: a\n\n"));

        var events = await ReadToEndAsync(handler, new());

        events.Should().ContainSingle();
        _retries.Select(retry => retry.Attempt).Should().Equal(2, 3, 1);
        _retries.Take(2).Should().OnlyContain(retry => retry.Error == error);
        _retries[1].Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(0.5), "each failed attempt doubles the wait");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OfHandlers), DisableDiscoveryEnumeration = true)]
    public async Task Handler_ThatThrowsAndNoReconnect_IsThrownAsItIs(Exception error)
    {
        var handler = new ScriptedHandler(ScriptedHandler.Fails(error));

        var reading = ReadToEndAsync(handler, new() { Reconnect = EventStreamClientReconnect.Never });

        (await Record.ExceptionAsync(() => reading)).Should().BeSameAs(error);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(OfBodies), DisableDiscoveryEnumeration = true)]
    public async Task Body_ThatThrows_IsABreak(Exception error)
    {
        var handler = new ScriptedHandler(
            ScriptedHandler.Body(new BreakingStream("id: 1\ndata: a\n\n", error)), ScriptedHandler.Stream("data: b\n\n"));
        List<EventStreamClientClosed> closed = [];

        var events = await ReadToEndAsync(handler, new() { OnClosed = closed.Add });

        events.Should().Equal("a", "b");
        closed[0].Error.Should().BeSameAs(error);
        handler.Positions.Should().Equal(null, "1", "1");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handler_ThatCancelsByItself_IsAFailedAttempt(bool isTask)
    {
        var error = isTask ? new TaskCanceledException("a handler's own limit") : new OperationCanceledException("a handler's own limit");
        var handler = new ScriptedHandler(
            ScriptedHandler.Fails(error),
            ScriptedHandler.Body(new BreakingStream("id: 1\ndata: a\n\n", error)),
            ScriptedHandler.Stream("data: b\n\n"));

        var events = await ReadToEndAsync(handler, new());

        events.Should().Equal("a", "b");
        _retries[0].Error.Should().BeOfType<IOException>().Which.InnerException.Should().BeOfType(error.GetType());
        _retries[1].Error.Should().BeOfType<IOException>().Which.InnerException.Should().BeSameAs(error);
    }

    [Fact(Timeout = 30_000)]
    public async Task Handler_ThatCancelsByItselfAndNoReconnect_ThrowsNoCancellation()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Fails(new TaskCanceledException()));

        var reading = ReadToEndAsync(handler, new() { Reconnect = EventStreamClientReconnect.Never });

        await reading.Invoking(task => task).Should().ThrowAsync<IOException>()
            .WithMessage("A handler or the HttpClient cancelled the request before it was answered*");
    }

    [Fact(Timeout = 30_000)]
    public async Task CancelPendingRequests_OfTheClient_IsAFailedAttempt()
    {
        var asked = new TaskCompletionSource();
        var handler = new ScriptedHandler(
            async stop =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.Infinite, stop);
                throw new InvalidOperationException("not reached");
            },
            ScriptedHandler.Stream("data: a\n\n"));
        using var client = handler.Client;
        var reading = ReadToEndAsync(client, new());
        await asked.Task.OrFail();

        client.CancelPendingRequests();

        (await reading).Should().Equal("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Handler_ThatThrowsBecauseTheReaderCancels_IsTheReadersCancellation()
    {
        var asked = new TaskCompletionSource();
        var handler = new ScriptedHandler(async stop =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new HandlersOwnException();
        });
        using var cancel = new CancellationTokenSource();
        var reading = ReadToEndAsync(handler, new(), cancel.Token);
        await asked.Task.OrFail();

        await cancel.CancelAsync();

        var cancelled = await reading.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        cancelled.Which.CancellationToken.Should().Be(cancel.Token);
        _retries.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task HttpClientTimeout_NoReconnect_IsATimeoutException()
    {
        await using var peer = await Peer.StartAsync(Peer.GoneAsync);
        using var client = new HttpClient { BaseAddress = peer.Client.BaseAddress, Timeout = TimeSpan.FromMilliseconds(100) };

        var reading = ReadToEndAsync(client, new() { Reconnect = EventStreamClientReconnect.Never });

        var error = (await reading.Invoking(task => task.OrFail()).Should().ThrowAsync<TimeoutException>()).Which;
        error.Message.Should().Contain("HttpClient.Timeout of 0.1 seconds");
        error.InnerException.Should().BeOfType<TaskCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task HttpClientTimeout_Reconnect_IsAFailedAttemptByATimeoutException()
    {
        await using var peer = await Peer.StartAsync(Peer.GoneAsync);
        using var client = new HttpClient { BaseAddress = peer.Client.BaseAddress, Timeout = TimeSpan.FromMilliseconds(100) };

        var reading = ReadToEndAsync(client, new() { MaxAttempts = 2 });

        (await reading).Should().BeEmpty();
        var error = _retries.Should().ContainSingle().Which.Error;
        error.Should().BeOfType<TimeoutException>().Which.InnerException.Should().BeOfType<TaskCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Mistake_RelativeAddressWithoutABase_IsThrown()
    {
        using var client = new HttpClient(new ScriptedHandler());

        await ShouldEndAsync<InvalidOperationException>(client, "*BaseAddress*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Mistake_DisposedClient_IsThrown()
    {
        using var client = new ScriptedHandler().Client;
        client.Dispose();

        await ShouldEndAsync<ObjectDisposedException>(client, "*HttpClient*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Mistake_ClientDisposedBetweenTwoAttempts_IsThrown()
    {
        using var client = new ScriptedHandler(ScriptedHandler.Stream("data: a\n\n")).Client;

        var reading = ReadToEndAsync(client, new() { OnClosed = _ => client.Dispose() });

        await reading.Invoking(task => task).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Mistake_DisposedHandler_IsThrown()
    {
        var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { BaseAddress = new("http://localhost/") };
        handler.Dispose();

        await ShouldEndAsync<ObjectDisposedException>(client, "*SocketsHttpHandler*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Mistake_SchemeThatNoHandlerSupports_IsThrown()
    {
        using var client = new HttpClient { BaseAddress = new("ftp://localhost/") };

        await ShouldEndAsync<NotSupportedException>(client, "*ftp*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(HttpRequestError.VersionNegotiationError)]
    [InlineData(HttpRequestError.UserAuthenticationError)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded)]
    public async Task Mistake_NoAttemptWouldMend_IsThrown(HttpRequestError error)
    {
        using var client = new ScriptedHandler(ScriptedHandler.Fails(new HttpRequestException(error, "lasting"))).Client;

        await ShouldEndAsync<HttpRequestException>(client, "lasting");
    }

    [Fact(Timeout = 30_000)]
    public async Task PrepareRequest_ThatCannotGetItsToken_IsAFailedAttempt()
    {
        Exception[] errors = [new HandlersOwnException(), new IOException(), new TimeoutException(), new TaskCanceledException()];
        var calls = 0;
        var handler = new ScriptedHandler(ScriptedHandler.Stream("data: a\n\n"));

        var events = await ReadToEndAsync(handler, new()
        {
            PrepareRequest = (_, _) => calls++ < errors.Length ? throw errors[calls - 1] : ValueTask.CompletedTask,
        });

        events.Should().Equal("a");
        _retries.Take(3).Select(retry => retry.Error).Should().Equal(errors.Take(3));
        _retries[3].Error.Should().BeOfType<IOException>().Which.InnerException.Should().BeSameAs(errors[3]);
    }

    [Fact(Timeout = 30_000)]
    public async Task PrepareRequest_ThatIsWrong_EndsTheReading()
    {
        using var client = new ScriptedHandler().Client;
        Exception[] errors = [new InvalidOperationException("a"), new ArgumentException("b"), new KeyNotFoundException("c")];

        foreach (var error in errors)
        {
            var reading = ReadToEndAsync(client, new() { PrepareRequest = (_, _) => throw error });
            (await Record.ExceptionAsync(() => reading)).Should().BeSameAs(error);
        }

        _retries.Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Content_ThatIsWrong_EndsTheReading()
    {
        using var client = new ScriptedHandler().Client;

        var reading = ReadToEndAsync(client, new() { Content = () => throw new InvalidOperationException("mine") });

        await reading.Invoking(task => task).Should().ThrowAsync<InvalidOperationException>().WithMessage("mine");
    }

    [Fact(Timeout = 30_000)]
    public async Task ShouldRetry_ThatThrows_EndsTheReading()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Content(new StringContent("sorry"), HttpStatusCode.ServiceUnavailable));

        var reading = ReadToEndAsync(handler, new() { ShouldRetry = _ => throw new HandlersOwnException() });

        await reading.Invoking(task => task).Should().ThrowAsync<HandlersOwnException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Refusal_WhoseBodyThrows_IsARefusalAnyway()
    {
        var content = new StreamContent(new BreakingStream("sor", new InvalidDataException()));
        var handler = new ScriptedHandler(ScriptedHandler.Content(content, HttpStatusCode.Forbidden));

        var reading = ReadToEndAsync(handler, new());

        var refusal = await reading.Invoking(task => task).Should().ThrowAsync<EventStreamClientException>()
            .WithMessage("*403*begins: sor");
        refusal.Which.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    /// <summary>The caller's own way out, where a handler's exception means that no attempt will do.</summary>
    [Fact(Timeout = 30_000)]
    public async Task OnRetrying_ThatThrowsTheError_EndsTheReading()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Fails(new HandlersOwnException()));

        var reading = ReadToEndAsync(handler, new()
        {
            OnRetrying = retrying =>
            {
                if (retrying.Error is HandlersOwnException error) throw error;
            },
        });

        await reading.Invoking(task => task).Should().ThrowAsync<HandlersOwnException>();
    }

    private Task<List<string>> ReadToEndAsync(
        ScriptedHandler handler, EventStreamClientOptions options, CancellationToken stop = default) =>
        ReadToEndAsync(handler.Client, options, stop);

    private async Task<List<string>> ReadToEndAsync(
        HttpClient client, EventStreamClientOptions options, CancellationToken stop = default)
    {
        List<string> events = [];
        options.TimeProvider = _time;
        options.ReconnectDelay = TimeSpan.FromSeconds(0.25);
        options.IdleTimeout = null;
        options.OnRetrying = _retries.Add + options.OnRetrying;
        await Peer.WhileTimePasses(
            Task.Run(async () =>
            {
                await foreach (var message in client.ReadEventStreamAsync("/", options, stop)) events.Add(message.Data);
            }, CancellationToken.None),
            _time,
            // An attempt takes no time on this clock.
            () => _retries.Count > 0);
        return events;
    }

    private async Task ShouldEndAsync<T>(HttpClient client, string message)
        where T : Exception
    {
        await ReadToEndAsync(client, new()).Invoking(task => task).Should().ThrowAsync<T>().WithMessage(message);
        _retries.Should().BeEmpty("no attempt would mend it");
    }

    private sealed class HandlersOwnException : Exception;

    /// <summary>Brings some text, and then throws.</summary>
    private sealed class BreakingStream(string text, Exception error) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw error;
    }
}
