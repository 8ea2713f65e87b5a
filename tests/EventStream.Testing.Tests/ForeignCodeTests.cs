using System.Net;
using System.Text;

namespace EventStream.Testing.Tests;

/// <summary>Code of others that ignores its token, or does not return: a test ends all the same, and says why.</summary>
/// <remarks>Alone, because a thread that blocks keeps <c>AdvanceAsync</c> of other tests from seeing rest.</remarks>
[Collection(nameof(Alone))]
public sealed class ForeignCodeTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    private readonly FakeTime _time = new();
    private readonly TokenIgnoringStream _body = new();

    [Fact(Timeout = 30_000)]
    public async Task Open_HandlerThatIgnoresItsToken_FailsInTimeAndDisposesOfTheLateAnswer()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        using var client = new ScriptedHandler(_ => answer.Task).Client;

        var opening = Task.Run(() => client.OpenEventStreamAsync("/", new() { Timeout = Short }));

        var failure = await opening.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamTestException>();
        failure.Which.Message.Should().StartWith("Expected an answer within 50 ms, but none came.");
        answer.SetResult(await ScriptedHandler.Body(_body)(default));
        await _body.Disposed.Task.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_RefusalWhoseBodyIgnoresItsToken_FailsInTime()
    {
        using var client = new ScriptedHandler(ScriptedHandler.Content(new StreamContent(_body), HttpStatusCode.Forbidden)).Client;

        var opening = Task.Run(() => client.OpenEventStreamAsync("/", new() { Timeout = Short }));

        var failure = await opening.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamTestException>();
        failure.Which.Message.Should().StartWith("Expected the answer 200 text/event-stream, but it is 403");
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_BodyThatIgnoresItsToken_ReturnsAndDisposesOfItLater()
    {
        using var client = new ScriptedHandler(ScriptedHandler.Body(_body)).Client;
        var stream = await client.OpenEventStreamAsync("/", new() { Timeout = Short, Time = _time });
        await _body.Reading.Task.OrFail();

        await stream.DisposeAsync().AsTask().OrFail();

        await ReturnsAndIsDisposedOfAsync();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_BodyWhoseReadNeverReturns_IsDisposedOfAfterASecond(bool isReadAgain)
    {
        using var client = new ScriptedHandler(ScriptedHandler.Body(_body)).Client;
        var stream = await client.OpenEventStreamAsync("/", new() { Timeout = Short, Time = _time });
        await _body.Reading.Task.OrFail();
        await stream.DisposeAsync().AsTask().OrFail();
        if (isReadAgain)
        {
            _body.Send(":\n");
            await _body.Reading.Task.OrFail();
        }

        await PassesUntilItIsDisposedOfAsync();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_BodyWhoseReadNeverReturns_IsDisposedOfAfterASecond(bool isReadAgain)
    {
        using var faults = new FaultHandler(_time) { InnerHandler = new ScriptedHandler(ScriptedHandler.Body(_body)) };
        using var client = new HttpClient(faults) { BaseAddress = new("http://scripted/") };
        await using var stream = await client.OpenEventStreamAsync("/");
        await _body.Reading.Task.OrFail();
        faults.Connections.Single().Cut();
        await stream.ExpectCutAsync().OrFail();
        if (isReadAgain)
        {
            _body.Send(":\n");
            await _body.Reading.Task.OrFail();
        }

        await PassesUntilItIsDisposedOfAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_BodyThatNeverWaits_Returns()
    {
        using var endless = new EndlessServer(":\n");
        var stream = await endless.Client.OpenEventStreamAsync("/", new() { Timeout = TimeSpan.FromSeconds(1) });
        await Soon.Until(() => stream.Body.Length > 1000);

        await stream.DisposeAsync().AsTask().OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_BodyThatNeverWaits_GivesTheThreadBack()
    {
        using var endless = new EndlessServer(":\n");

        await using var stream = await endless.Client.OpenEventStreamAsync("/", new() { Timeout = TimeSpan.FromSeconds(1) });

        await endless.Yielded.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Reconnect_BodyThatIgnoresItsToken_IsLeftBehind()
    {
        using var client = new ScriptedHandler(ScriptedHandler.Body(_body), ScriptedHandler.Stream("data: next\n\n")).Client;
        await using var stream = await client.OpenEventStreamAsync("/", new() { Timeout = TimeSpan.FromSeconds(1) });
        await _body.Reading.Task.OrFail();

        await stream.ReconnectAsync().OrFail();
        _body.Send("data: late\n\n");

        (await stream.CollectToEndAsync()).Should().ContainSingle().Which.Data.Should().Be("next");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_BodyWhoseDisposeBlocks_Returns(bool reconnects)
    {
        using var blocked = new ManualResetEventSlim();
        using var client = new ScriptedHandler(
            ScriptedHandler.Body(new BlockingDispose(blocked)), ScriptedHandler.Stream("data: next\n\n")).Client;
        var time = reconnects ? new FakeTime() : null;
        var options = new TestEventSourceOptions { Timeout = Soon.Limit, Reconnects = reconnects, Time = time };
        var stream = await client.OpenEventStreamAsync("/", options);
        await stream.NextAsync();

        if (reconnects)
        {
            options.Timeout = Soon.Limit;
            await Soon.Until(() =>
            {
                time!.Advance(TimeSpan.FromSeconds(1));
                return stream.Wire.Contains("next");
            });
        }

        options.Timeout = Short;
        await stream.DisposeAsync().AsTask().OrFail();
        blocked.Set();
    }

    /// <summary>The handler stands before a body whose reads ignore their token: its own do not.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Cut_BodyThatIgnoresItsToken_ReachesTheReaderAndDisposesOfTheBodyLater()
    {
        using var faults = new FaultHandler(_time) { InnerHandler = new ScriptedHandler(ScriptedHandler.Body(_body)) };
        using var client = new HttpClient(faults) { BaseAddress = new("http://scripted/") };
        await using var stream = await client.OpenEventStreamAsync("/");
        await _body.Reading.Task.OrFail();

        faults.Connections.Single().Cut();

        await stream.ExpectCutAsync().OrFail();
        await ReturnsAndIsDisposedOfAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_OfAFaultBodyThatIsRead_DisposesOfTheBodyWhenTheReadReturns()
    {
        using var faults = new FaultHandler(_time) { InnerHandler = new ScriptedHandler(ScriptedHandler.Body(_body)) };
        using var client = new HttpClient(faults) { BaseAddress = new("http://scripted/") };
        var response = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        _ = body.ReadAsync(new byte[10]).AsTask();
        await _body.Reading.Task.OrFail();

        response.Dispose();

        await ReturnsAndIsDisposedOfAsync();
    }

    // The read that is pending, and after it the one whose cancellation closes other connections.
    private async Task ReturnsAndIsDisposedOfAsync()
    {
        _body.Disposed.Task.IsCompleted.Should().BeFalse("it is read at the moment");
        _body.Send(":\n");
        await _body.Reading.Task.OrFail();
        _body.Send("");
        await _body.Disposed.Task.OrFail();
        _body.WasDisturbed.Should().BeFalse();
    }

    private async Task PassesUntilItIsDisposedOfAsync()
    {
        _body.Disposed.Task.IsCompleted.Should().BeFalse("not a second has passed");
        await Soon.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.25));
            return _body.Disposed.Task.IsCompleted;
        });
    }

    private sealed class BlockingDispose(ManualResetEventSlim blocked) : MemoryStream(Encoding.UTF8.GetBytes("data: a\n\n"))
    {
        protected override void Dispose(bool disposing)
        {
            blocked.Wait();
            base.Dispose(disposing);
        }
    }
}
