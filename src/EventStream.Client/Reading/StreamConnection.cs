using System.Net;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>One attempt: a request, its answer, and the events in it. One owner, the reading.</summary>
internal sealed class StreamConnection : IDisposable
{
    private readonly EventStreamClientOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly IdleWatch _watch;
    private readonly long _started;
    private Stream? _body;
    private bool _isOver;

    private StreamConnection(string lastEventId, EventStreamClientOptions options, CancellationToken cancellationToken)
    {
        _options = options;
        _cancellationToken = cancellationToken;
        _watch = new(options.IdleTimeout, options.TimeProvider, cancellationToken);
        _started = options.TimeProvider.GetTimestamp();
        Parser = new(lastEventId, options.MaxEventBytes);
    }

    public EventParser Parser { get; }

    /// <summary>The answer; null if there was none.</summary>
    public HttpResponseMessage? Answer { get; private set; }

    /// <summary>Whether the answer is a stream.</summary>
    public bool IsStream => _body is not null;

    /// <summary>Whether the server has said that there is nothing to come back for.</summary>
    public bool IsLast => Answer is { StatusCode: HttpStatusCode.NoContent };

    /// <summary>What broke it; null while it is whole, and after a clean end.</summary>
    public Exception? Error { get; private set; }

    /// <summary>How many events it has brought.</summary>
    public long Events { get; private set; }

    public TimeSpan Age => _options.TimeProvider.GetElapsedTime(_started);

    /// <summary>Sends the request. What another attempt may mend is in <see cref="Error"/>; what it will not is thrown.</summary>
    public static async Task<StreamConnection> OpenAsync(
        StreamRequest request, string lastEventId, EventStreamClientOptions options, CancellationToken cancellationToken)
    {
        var connection = new StreamConnection(lastEventId, options, cancellationToken);
        try
        {
            await connection.AskAsync(request, lastEventId).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads on to the next event, which is then in <see cref="Parser"/>; false when the connection is over.</summary>
    public async ValueTask<bool> ReadAsync()
    {
        if (_body is null || _isOver) return false;
        try
        {
            while (!Parser.Read())
            {
                _watch.Begin();
                var length = await _body.ReadAsync(Parser.GetMemory(), _watch.Token).ConfigureAwait(false);
                _watch.End();
                if (length == 0)
                {
                    _isOver = true;
                    return false;
                }

                Parser.Advance(length);
            }

            Events++;
            return true;
        }
        catch (Exception error)
        {
            _isOver = true;
            Error = StreamFailure.Of(error, _watch, _cancellationToken);
            return false;
        }
    }

    public void Dispose()
    {
        if (_body is not null && !_isOver) Leave(_body);
        Answer?.Dispose();
        _watch.Dispose();
        Parser.Dispose();
    }

    private async Task AskAsync(StreamRequest request, string lastEventId)
    {
        try
        {
            _watch.Begin();
            Answer = await request.SendAsync(lastEventId, _watch.Token).ConfigureAwait(false);
            if (StreamAnswer.IsStream(Answer)) _body = await Answer.Content.ReadAsStreamAsync(_watch.Token).ConfigureAwait(false);
            else if (!IsLast) Error = await RefusalAsync(Answer).ConfigureAwait(false);
            _watch.End();
        }
        catch (Exception error)
        {
            Error = StreamFailure.Of(error, _watch, _cancellationToken);
        }
    }

    private async Task<HttpRequestException> RefusalAsync(HttpResponseMessage answer)
    {
        var what = await StreamAnswer.DescribeAsync(answer, _options.TimeProvider, _watch.Token).ConfigureAwait(false);
        return _options.ShouldRetry?.Invoke(answer.StatusCode) is true
            ? new HttpRequestException(what, null, answer.StatusCode)
            : throw new EventStreamException(what, answer.StatusCode);
    }

    // A response that is disposed of in the middle is read on for up to two seconds, so that its connection can be used again. A cancelled read closes the
    // connection at once, and the server stops.
    private void Leave(Stream body)
    {
        var last = body.ReadAsync(new byte[1], _watch.Token);
        _watch.Cancel();
        _ = last.AsTask().ContinueWith(static read => read.Exception, TaskContinuationOptions.OnlyOnFaulted);
    }
}
