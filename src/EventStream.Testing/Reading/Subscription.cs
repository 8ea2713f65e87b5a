using System.Net;
using System.Threading.Channels;

namespace EventStream.Testing.Reading;

/// <summary>The successive connections of a stream, and all their items in one order.</summary>
internal sealed class Subscription(StreamRequest request, TestEventSourceOptions options) : IAsyncDisposable
{
    public static readonly TimeSpan DefaultRetry = TimeSpan.FromSeconds(3);

    // With a retry of zero and a server that is down, the stream would otherwise reconnect in a busy loop.
    private static readonly TimeSpan LeastRetry = TimeSpan.FromMilliseconds(100);

    private readonly Channel<StreamItem> _items = Channel.CreateUnbounded<StreamItem>();
    private readonly CancellationTokenSource _stop = new();
    private volatile Exception? _fault;
    private Connection? _connection;
    private Task _running = Task.CompletedTask;

    public Transcript Transcript { get; } = new(options.Time);

    public ChannelReader<StreamItem> Items => _items.Reader;

    public HttpResponseMessage? Response => _connection?.Response;

    /// <summary>Why the last attempt of a stream that reconnects had no answer; null if it had one.</summary>
    public Exception? Fault => _fault;

    /// <summary>A retry as a delay, limited to the longest that a timer supports.</summary>
    public static TimeSpan DelayOf(TimeSpan retry) =>
        retry < TimeSpan.FromMilliseconds(int.MaxValue) ? retry : TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>Opens a connection, and starts to read it.</summary>
    public async Task OpenAsync(string? lastEventId, HttpStatusCode expected)
    {
        await ConnectAsync(lastEventId, expected).ConfigureAwait(false);
        if (Answer.IsStream(expected)) _running = RunAsync();
        else _items.Writer.TryWrite(new StreamItem.Refusal());
    }

    /// <summary>Leaves the connection, and drops its items that the test has not read.</summary>
    public async Task CloseAsync()
    {
        if (_connection is { } connection) await connection.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);

        // A connection may have been opened meanwhile.
        if (_connection is { } last) await last.DisposeAsync().ConfigureAwait(false);
        while (_items.Reader.TryRead(out _))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    private async Task ConnectAsync(string? lastEventId, HttpStatusCode expected)
    {
        var asked = request.Describe(lastEventId);
        Transcript.Sent(asked);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(options.Timeout);
        HttpResponseMessage response;
        try
        {
            response = await Foreign
                .WaitAsync(given => request.SendAsync(lastEventId, given), static late => late.Dispose(), limit.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            throw Failure.Of($"an answer within {Failure.Show(options.Timeout)}", "none came", Transcript, options.Time, exception);
        }
        catch (Exception exception)
        {
            // Any type, because a TestServer throws the app's exception.
            Transcript.Answered($"no answer: {Failure.Describe(exception)}");
            throw Failure.Of("an answer", $"there is none: {Failure.Describe(exception)}", Transcript, null, exception);
        }

        Transcript.Answered(Answer.Describe(response));
        Transcript.BeginBody();
        if (Answer.IsAsExpected(response, expected))
        {
            _connection = new Connection(response, new ReferenceParser(lastEventId ?? ""), Transcript, options, _stop.Token);
            _items.Writer.TryWrite(new StreamItem.Opened());
            options.Time?.Stir();
            return;
        }

        var body = new AnswerBody(response, options.Time ?? TimeProvider.System);
        Transcript.Received((await Answer.BeginningAsync(body, limit.Token).ConfigureAwait(false)).Span);
        await body.LeaveAsync(options.Timeout).ConfigureAwait(false);
        throw Failure.Of($"the answer {Answer.Expected(expected)}", $"it is {Answer.Describe(response)}", Transcript);
    }

    private async Task RunAsync()
    {
        var retry = DefaultRetry;
        while (true)
        {
            var parser = _connection!.Parser;
            await _connection.ReadAsync(_items.Writer).ConfigureAwait(false);
            if (!options.Reconnects) return;
            Foreign.LetGo(Task.Run(_connection.Response.Dispose));
            retry = parser.Retry ?? retry;
            if (!await ComeBackAsync(parser.LastEventId, retry).ConfigureAwait(false)) return;
        }
    }

    /// <summary>Opens the next connection after each retry, until there is an answer. Never throws.</summary>
    /// <returns>Whether the answer is a stream.</returns>
    private async Task<bool> ComeBackAsync(string lastEventId, TimeSpan retry)
    {
        var delay = retry > LeastRetry ? DelayOf(retry) : LeastRetry;
        while (true)
        {
            try
            {
                await Task.Delay(delay, options.Time ?? TimeProvider.System, _stop.Token).ConfigureAwait(false);
                await ConnectAsync(lastEventId.Length > 0 ? lastEventId : null, HttpStatusCode.OK).ConfigureAwait(false);
                _fault = null;
                return true;
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return false;
            }
            catch (EventStreamTestException exception) when (exception.InnerException is { } fault && !NoAnswer.IsFinal(fault))
            {
                // No answer: a browser would try again.
                _fault = fault;
            }
            catch (Exception exception)
            {
                _items.Writer.TryWrite(new StreamItem.Refusal(exception.InnerException));
                return false;
            }
        }
    }
}
