using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using EventStream.Client.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace EventStream.Client.Tests.Reading;

/// <summary>Code of others that ignores its token, or does not return: the reader leaves all the same.</summary>
public sealed class ForeignCodeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource<EventStreamClientRetrying> _retrying = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<HttpResponseMessage> _late = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TokenIgnoringStream _body = new();
    private readonly DeafContent _content = new();

    public enum Place
    {
        PrepareRequest,
        Handler,
        OpeningTheBody,
        ReadingTheBody,
        ReadingARefusal,
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Place.PrepareRequest)]
    [InlineData(Place.Handler)]
    [InlineData(Place.OpeningTheBody)]
    [InlineData(Place.ReadingTheBody)]
    [InlineData(Place.ReadingARefusal)]
    public async Task Cancel_WhileItIgnoresItsToken_EndsAtOnce(Place place)
    {
        var (handler, options, reached) = Deaf(place);
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", options, cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();

        await cancel.CancelAsync();

        var cancelled = await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        cancelled.Which.CancellationToken.Should().Be(cancel.Token);
        await reading.DisposeAsync().AsTask().OrFail();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Place.PrepareRequest)]
    [InlineData(Place.Handler)]
    [InlineData(Place.OpeningTheBody)]
    [InlineData(Place.ReadingTheBody)]
    public async Task IdleTimeout_WhileItIgnoresItsToken_IsADeadConnection(Place place)
    {
        var (handler, options, reached) = Deaf(place, ScriptedHandler.Stream("data: b\n\n"));
        await using var reading = handler.Client.ReadEventStreamAsync("/", options).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();

        _time.Advance(TimeSpan.FromMinutes(1));

        var error = (await _retrying.Task.OrFail()).Error;
        error.Should().BeOfType<TimeoutException>().Which.Message.Should().StartWith("The server sent nothing for 00:01:00");
        await Peer.WhileTimePasses(step, _time);
        reading.Current.Data.Should().Be("b");
    }

    [Fact(Timeout = 30_000)]
    public async Task IdleTimeout_WhileARefusalIgnoresItsToken_IsARefusalAnyway()
    {
        var (handler, options, reached) = Deaf(Place.ReadingARefusal);
        await using var reading = handler.Client.ReadEventStreamAsync("/", options).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();

        _time.Advance(TimeSpan.FromSeconds(1));

        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamClientException>().WithMessage("*403*");
    }

    /// <summary>Where code observes its token, it has returned when the reading ends: what it uses may be disposed of then.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Cancel_OfAHandlerThatObservesItsToken_WaitsUntilItHasReturned()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hasReturned = false;
        var handler = new ScriptedHandler(async stop =>
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            for (var step = 0; step < 100; step++) await Task.Yield();
            Volatile.Write(ref hasReturned, true);
            throw new OperationCanceledException(stop);
        });
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", Options(), cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.Task.OrFail();

        await cancel.CancelAsync();

        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        Volatile.Read(ref hasReturned).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_ThatComesAfterTheReaderHasLeft_IsDisposedOf()
    {
        var (handler, options, reached) = Deaf(Place.Handler);
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", options, cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();
        await cancel.CancelAsync();
        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();

        _late.SetResult(await ScriptedHandler.Body(_body)(default));

        await _body.Disposed.Task.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Body_ThatIsReadWhileTheReaderLeaves_IsDisposedOfWhenTheReadReturns()
    {
        var (handler, options, reached) = Deaf(Place.ReadingTheBody);
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", options, cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();
        await cancel.CancelAsync();
        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();

        // The read may still write into its memory, so that is not given to others.
        MemoryMarshal.TryGetArray<byte>(_body.Memory, out var memory).Should().BeTrue();
        (await RentedByOthersAsync(memory.Array!.Length)).Should().NotContain(rented => ReferenceEquals(rented, memory.Array));
        _body.Disposed.Task.IsCompleted.Should().BeFalse();
        _body.Send("data: late\n\n");

        // Left in the middle as any other: a read that waits, which this stream does not end when it is cancelled.
        await _body.Reading.Task.OrFail();
        _body.Send("");
        await _body.Disposed.Task.OrFail();
        _body.WasDisturbed.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Break_OutOfABodyThatIgnoresItsToken_EndsAtOnceAndDisposesOfItLater()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Body(_body));
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in handler.Client.ReadEventStreamAsync("/", Options())) break;
        });
        await _body.Reading.Task.OrFail();
        _body.Send("data: a\n\n");

        await reading.OrFail();

        await _body.Reading.Task.OrFail("the read whose cancellation closes other connections");
        _body.Disposed.Task.IsCompleted.Should().BeFalse();
        _body.Fail(new IOException("late"));
        await _body.Disposed.Task.OrFail();
        _body.WasDisturbed.Should().BeFalse();
    }

    /// <summary>The first read keeps the parser's memory; the connection is closed all the same.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Body_WhoseReadNeverReturns_IsDisposedOfAfterASecondAndKeepsItsMemory()
    {
        var (handler, options, reached) = Deaf(Place.ReadingTheBody);
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", options, cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();
        await cancel.CancelAsync();
        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        _body.Disposed.Task.IsCompleted.Should().BeFalse("not a second has passed");

        await Peer.WhileTimePasses(_body.Disposed.Task, _time);

        _body.Reads.Should().Be(1, "a stream is not read while it is read");
        MemoryMarshal.TryGetArray<byte>(_body.Memory, out var memory).Should().BeTrue();
        (await RentedByOthersAsync(memory.Array!.Length)).Should().NotContain(rented => ReferenceEquals(rented, memory.Array));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Place.OpeningTheBody)]
    [InlineData(Place.ReadingARefusal)]
    public async Task Answer_WhoseBodyNeverReturns_IsDisposedOfAfterASecond(Place place)
    {
        var (handler, options, reached) = Deaf(place);
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", options, cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        await reached.OrFail();
        await cancel.CancelAsync();
        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();

        await Peer.WhileTimePasses(place == Place.OpeningTheBody ? _content.Disposed.Task : _body.Disposed.Task, _time);
    }

    /// <summary>The read whose cancellation closes other connections does not return either.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Break_OutOfABodyThatNeverReturns_DisposesOfItAfterASecond()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Body(_body));
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in handler.Client.ReadEventStreamAsync("/", Options())) break;
        });
        await _body.Reading.Task.OrFail();
        _body.Send("data: a\n\n");
        await reading.OrFail();
        await _body.Reading.Task.OrFail();
        _body.Disposed.Task.IsCompleted.Should().BeFalse("not a second has passed");

        await Peer.WhileTimePasses(_body.Disposed.Task, _time);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n\n")]
    [InlineData("data: a\n\ndata: b\n")]
    public async Task Dispose_OfABodyThatBlocks_DoesNotHoldUpTheNextAttempt(string text)
    {
        using var blocked = new ManualResetEventSlim();
        var handler = new ScriptedHandler(ScriptedHandler.Body(new BlockingDispose(text, blocked)), ScriptedHandler.Stream("data: c\n\n"));
        List<string> data = [];

        await Peer.WhileTimePasses(
            Task.Run(async () =>
            {
                await foreach (var message in handler.Client.ReadEventStreamAsync("/", Options())) data.Add(message.Data);
            }),
            _time);

        data.Should().Equal("a", "c");
        blocked.Set();
    }

    [Fact(Timeout = 30_000)]
    public async Task Break_OutOfABodyWhoseDisposeBlocks_EndsAtOnce()
    {
        using var blocked = new ManualResetEventSlim();
        var handler = new ScriptedHandler(ScriptedHandler.Body(new BlockingDispose("data: a\n\ndata: b\n\n", blocked)));

        await Task.Run(async () =>
        {
            await foreach (var _ in handler.Client.ReadEventStreamAsync("/", Options())) break;
        }).OrFail();

        blocked.Set();
    }

    [Fact(Timeout = 30_000)]
    public async Task Refusal_WhoseDisposeBlocks_IsThrownAtOnce()
    {
        using var blocked = new ManualResetEventSlim();
        var content = new StreamContent(new BlockingDispose("sorry", blocked));
        var handler = new ScriptedHandler(ScriptedHandler.Content(content, HttpStatusCode.Forbidden));

        var reading = Task.Run(async () => await handler.Client.ReadEventStreamAsync("/", Options()).GetAsyncEnumerator().MoveNextAsync());

        await reading.Invoking(task => task.OrFail()).Should().ThrowAsync<EventStreamClientException>();
        blocked.Set();
    }

    /// <summary>A callback that a handler has registered runs when the token is cancelled, and may block.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Cancel_WithACallbackOfAHandlerThatBlocks_EndsAtOnce()
    {
        using var blocked = new ManualResetEventSlim();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async stop =>
        {
            // Later than what the reading has registered, because the last callback runs first.
            await waits.Task;
            stop.Register(blocked.Wait);
            registered.SetResult();
            return await _late.Task;
        });
        using var cancel = new CancellationTokenSource();
        await using var reading = handler.Client.ReadEventStreamAsync("/", Options(), cancel.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        waits.SetResult();
        await registered.Task.OrFail();

        await Task.Run(cancel.Cancel).OrFail("the reader's own cancel");

        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        blocked.Set();
    }

    [Fact(Timeout = 30_000)]
    public async Task Call_ThatFailsAfterTheReaderHasLeft_IsNoUnobservedException()
    {
        var unobserved = false;
        void Observe(object? sender, UnobservedTaskExceptionEventArgs task) => unobserved |= task.Exception.InnerException is LateException;
        TaskScheduler.UnobservedTaskException += Observe;
        try
        {
            var call = await LeaveACallThatFailsLaterAsync();
            await Soon.Until(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return !call.IsAlive;
                },
                "the collection of the call's task, whose finalizer tells of what nobody has observed");
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Observe;
        }

        unobserved.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancel_OfABodyThatNeverWaits_EndsAtOnce()
    {
        using var cancel = new CancellationTokenSource();
        var handler = new ScriptedHandler(ScriptedHandler.Body(new EndlessComments()));
        var messages = handler.Client.ReadEventStreamAsync("/", Options(), cancel.Token);
        var reading = Task.Run(async () => await messages.GetAsyncEnumerator().MoveNextAsync());
        await Soon.Until(() => handler.Positions.Count == 1);

        await cancel.CancelAsync();

        await reading.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Cancel_BeforeTheFirstStep_SendsNoRequest()
    {
        var handler = new ScriptedHandler(ScriptedHandler.Stream("data: a\n\n"));

        var step = handler.Client.ReadEventStreamAsync("/", Options(), new(canceled: true)).GetAsyncEnumerator().MoveNextAsync().AsTask();

        await step.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        handler.Positions.Should().BeEmpty();
    }

    private static async Task<WeakReference> LeaveACallThatFailsLaterAsync()
    {
        var late = new TaskCompletionSource<HttpResponseMessage>();
        var handler = new ScriptedHandler(_ => late.Task);
        using var cancel = new CancellationTokenSource();
        var step = handler.Client.ReadEventStreamAsync("/", new(), cancel.Token).GetAsyncEnumerator().MoveNextAsync().AsTask();
        await cancel.CancelAsync();
        await step.Invoking(task => task.OrFail()).Should().ThrowAsync<OperationCanceledException>();
        late.SetException(new LateException());
        return new(late.Task);
    }

    private EventStreamClientOptions Options() => new()
    {
        TimeProvider = _time,
        IdleTimeout = TimeSpan.FromMinutes(1),
        OnRetrying = retrying => _retrying.TrySetResult(retrying),
    };

    /// <summary>A reading whose first attempt meets code that ignores its token, and a task that completes when that code runs.</summary>
    private (ScriptedHandler Handler, EventStreamClientOptions Options, Task Reached) Deaf(Place place, params Answer[] next)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = Options();
        if (place == Place.PrepareRequest)
        {
            options.PrepareRequest = async (_, _) =>
            {
                if (reached.TrySetResult()) await _late.Task;
            };
            return (new(next), options, reached.Task);
        }

        Answer answer = place switch
        {
            Place.Handler => _ =>
            {
                reached.SetResult();
                return _late.Task;
            },
            Place.OpeningTheBody => ScriptedHandler.Content(_content),
            Place.ReadingTheBody => ScriptedHandler.Body(_body),
            _ => ScriptedHandler.Content(new StreamContent(_body), HttpStatusCode.Forbidden),
        };
        var isReached = place switch
        {
            Place.Handler => reached.Task,
            Place.OpeningTheBody => _content.Opening.Task,
            _ => _body.Reading.Task,
        };
        return (new([answer, .. next]), options, isReached);
    }

    // The pool keeps an array for the thread that gave it back, so that other threads do not get it.
    private static async Task<IEnumerable<byte[]>> RentedByOthersAsync(int length)
    {
        using var all = new CountdownEvent(ThreadPool.ThreadCount);
        return await Task.WhenAll(Enumerable.Range(0, all.InitialCount).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var rented = ArrayPool<byte>.Shared.Rent(length);
                all.Signal();
                all.Wait(TimeSpan.FromSeconds(1));
                return rented;
            },
            CancellationToken.None,
            TaskCreationOptions.None,
            TaskScheduler.Default)));
    }

    private sealed class LateException : Exception;

    private sealed class DeafContent : HttpContent
    {
        public TaskCompletionSource Opening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task<Stream> CreateContentReadStreamAsync()
        {
            Opening.SetResult();
            return new TaskCompletionSource<Stream>().Task;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length) => (length = 0) > 0;

        protected override void Dispose(bool disposing)
        {
            Disposed.TrySetResult();
            base.Dispose(disposing);
        }
    }

    private sealed class BlockingDispose(string text, ManualResetEventSlim blocked) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        protected override void Dispose(bool disposing)
        {
            blocked.Wait();
            base.Dispose(disposing);
        }
    }

    private sealed class EndlessComments : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ":\n"u8.CopyTo(buffer.Span);
            return new(2);
        }
    }
}
