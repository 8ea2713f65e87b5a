using System.Net;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>One attempt: a request, its answer, and the events in it.</summary>
/// <remarks>Used by its reading alone; not thread-safe.</remarks>
internal sealed class StreamConnection : IAsyncDisposable
{
    /// <summary>How many reads may follow one another before the reading yields its thread.</summary>
    /// <remarks>Reads that complete at once would otherwise occupy the thread without end. 64 take a few milliseconds at most.</remarks>
    private const int ReadsBetweenYields = 64;

    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(1);

    private readonly EventStreamClientOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly ForeignCalls _calls;
    private readonly long _started;
    private HttpRequestMessage? _request;
    private Task<HttpResponseMessage>? _answering;
    private Stream? _body;
    private bool _hasEnded;
    private int _reads;

    private StreamConnection(SourceState source, EventStreamClientOptions options, CancellationToken cancellationToken)
    {
        _options = options;
        _cancellationToken = cancellationToken;
        _calls = new(options.IdleTimeout, options.TimeProvider, cancellationToken);
        _started = options.TimeProvider.GetTimestamp();
        Parser = new(source, options.MaxEventBytes);
    }

    public EventParser Parser { get; }

    /// <summary>The answer; null if there was none.</summary>
    public HttpResponseMessage? Answer { get; private set; }

    /// <summary>Whether the answer is a stream.</summary>
    public bool IsStream => _body is not null;

    /// <summary>Whether the server has answered 204: the client must not reconnect.</summary>
    public bool IsLast => Answer is { StatusCode: HttpStatusCode.NoContent };

    /// <summary>The exception that broke the connection; null while it is open, and after a clean end.</summary>
    public Exception? Error { get; private set; }

    /// <summary>How many events the connection has delivered.</summary>
    public long Events { get; private set; }

    public TimeSpan Age => _options.TimeProvider.GetElapsedTime(_started);

    // Nothing is pending, and no answer came.
    private bool HoldsNothing =>
        _calls.Pending.IsCompleted && _request?.Content is null && _answering is not { IsCompletedSuccessfully: true };

    /// <summary>Sends the request, and follows redirects.</summary>
    /// <returns>The connection. Its <see cref="Error"/> is set if the attempt failed and another may succeed.</returns>
    /// <exception cref="Exception">Another attempt would fail too.</exception>
    public static async Task<StreamConnection> OpenAsync(
        StreamRequest request, SourceState source, EventStreamClientOptions options, CancellationToken cancellationToken)
    {
        for (var target = request.Begin(); ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var connection = new StreamConnection(source, options, cancellationToken);
            try
            {
                var next = await connection.AskAsync(request, target, source.LastEventId).ConfigureAwait(false);
                if (connection.IsStream) request.Remember(target);
                else if (next is null) request.Forget();
                if (next is null) return connection;
                target = next;
            }
            catch (EventStreamClientException) when (request.HasMoved && target.Method == HttpMethod.Get)
            {
                // The first address may serve the stream again, or may redirect to where it is now.
                request.Forget();
                target = request.Begin();
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads the next event into <see cref="Parser"/>; false when the connection has ended.</summary>
    public async ValueTask<bool> ReadAsync()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        if (_body is null || _hasEnded || Error is not null) return false;
        while (!Parser.Read())
        {
            // Checked here too, because a read that completes at once does not see the cancellation.
            _cancellationToken.ThrowIfCancellationRequested();
            var memory = Parser.GetMemory();
            try
            {
                var length = await _calls.WaitAsync(_body.ReadAsync(memory, _calls.Token)).ConfigureAwait(false);
                _hasEnded = length == 0;
                Parser.Advance(length);
            }
            catch (Exception error)
            {
                Error = StreamFailure.OfReading(error, _calls, _cancellationToken);
                return false;
            }

            if (!_hasEnded)
            {
                if (++_reads % ReadsBetweenYields == 0) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                continue;
            }

            if (Parser.IsInsideEvent) Error = StreamFailure.EndInsideAnEvent();
            return false;
        }

        Events++;
        return true;
    }

    /// <summary>Closes the connection.</summary>
    /// <remarks>Waits 1 s at most, because a handler or a body's stream may block or never return.</remarks>
    public async ValueTask DisposeAsync()
    {
        _calls.Dispose();
        // On the thread pool, because a handler's Dispose may block. A failed attempt usually has nothing to dispose of.
        var closing = HoldsNothing ? CloseAsync() : Task.Run(CloseAsync);
        closing.Abandon();
        // By the real clock, because a test's clock may stand still here.
        await closing.WaitAsync(LongestClose).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Sends the request.</summary>
    /// <returns>Where the answer redirects it; null if it does not.</returns>
    private async Task<RequestTarget?> AskAsync(StreamRequest request, RequestTarget target, string lastEventId)
    {
        try
        {
            _request = request.Make(target, lastEventId);
            target = await _calls.WaitAsync(request.PrepareAsync(_request, target, _calls.Token)).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Error = StreamFailure.OfPreparing(error, _calls, _cancellationToken);
            return null;
        }

        _answering = request.Send(_request, _calls.Token);
        try
        {
            Answer = await _calls.WaitAsync(new ValueTask<HttpResponseMessage>(_answering)).ConfigureAwait(false);
            if (StreamAnswer.IsStream(Answer)) _body = await OpenBodyAsync(Answer).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Error = StreamFailure.OfAsking(error, _calls, _cancellationToken);
            return null;
        }
        finally
        {
            if (Redirect.OfHandler(Answer?.RequestMessage ?? _request, target) is { } other) request.ContinueAt(other);
        }

        if (request.IsForItsOriginAlone)
        {
            Redirect.CheckTaken(Answer.RequestMessage?.RequestUri, target, _options.ShouldFollow);
        }

        if (Redirect.Of(Answer, target, _options.ShouldFollow) is { } next)
        {
            if (next.Method != target.Method) request.ContinueAt(next);
            return next;
        }

        if (!IsStream && !IsLast) Error = await RefusalAsync(Answer).ConfigureAwait(false);
        return null;
    }

    private ValueTask<Stream> OpenBodyAsync(HttpResponseMessage answer) =>
        _calls.WaitAsync(new ValueTask<Stream>(answer.Content.ReadAsStreamAsync(_calls.Token)));

    private async Task<HttpRequestException> RefusalAsync(HttpResponseMessage answer)
    {
        var what = await StreamAnswer.DescribeAsync(answer, _calls).ConfigureAwait(false);
        _cancellationToken.ThrowIfCancellationRequested();
        return _options.ShouldRetry?.Invoke(answer.StatusCode) is true
            ? new HttpRequestException(what, null, answer.StatusCode)
            : throw new EventStreamClientException(what, answer.StatusCode);
    }

    // The request and the parser's pooled memory are released only after the pending call has returned, because it may still use them. A
    // late call may also return an answer, which is closed here.
    private async Task CloseAsync()
    {
        await CloseAnswerAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _calls.Pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Parser.Dispose();
        using var request = _request;
        using var late = Answer is null && _answering is { IsCompletedSuccessfully: true } ? await _answering.ConfigureAwait(false) : null;
    }

    // Bounded, because a read that never returns would keep the connection open. A read that returns in time finds nothing disposed of.
    private async Task CloseAnswerAsync()
    {
        using var answer = Answer;
        if (answer is null) return;
        await _calls.Pending.WaitAsync(LongestClose, _options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_body is null || _hasEnded || !_calls.Pending.IsCompleted) return;
        await HangUp.OnAsync(_body, LongestClose, _options.TimeProvider).ConfigureAwait(false);
    }
}
