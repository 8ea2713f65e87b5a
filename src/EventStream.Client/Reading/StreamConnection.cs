using System.Net;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>One attempt: a request, its answer, and the events in it. One owner, the reading.</summary>
internal sealed class StreamConnection : IDisposable
{
    // More than this a handler does not read on for either, before it closes the connection.
    private const int MostAheadBytes = 1024 * 1024;
    private const int MostAheadReads = 256;

    /// <summary>Reads after which the thread is yielded: those that never wait would keep it. They take a few milliseconds at most.</summary>
    private const int ReadsBetweenYields = 64;

    private readonly EventStreamClientOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly IdleWatch _watch;
    private readonly long _started;
    private Stream? _body;
    private bool _hasEnded;
    private int _reads;

    private StreamConnection(SourceState source, EventStreamClientOptions options, CancellationToken cancellationToken)
    {
        _options = options;
        _cancellationToken = cancellationToken;
        _watch = new(options.IdleTimeout, options.TimeProvider, cancellationToken);
        _started = options.TimeProvider.GetTimestamp();
        Parser = new(source, options.MaxEventBytes);
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
        StreamRequest request, SourceState source, EventStreamClientOptions options, CancellationToken cancellationToken)
    {
        var connection = new StreamConnection(source, options, cancellationToken);
        try
        {
            await connection.AskAsync(request, source.LastEventId).ConfigureAwait(false);
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
        _cancellationToken.ThrowIfCancellationRequested();
        if (_body is null || _hasEnded || Error is not null) return false;
        try
        {
            while (!Parser.Read())
            {
                _watch.Begin();
                var length = await _body.ReadAsync(Parser.GetMemory(), _watch.Token).ConfigureAwait(false);
                _watch.End();
                if (length == 0)
                {
                    _hasEnded = true;
                    return false;
                }

                Parser.Advance(length);
                if (++_reads % ReadsBetweenYields != 0) continue;
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                _cancellationToken.ThrowIfCancellationRequested();
            }

            Events++;
            return true;
        }
        catch (Exception error)
        {
            Error = StreamFailure.Of(error, _watch, _cancellationToken);
            return false;
        }
    }

    public void Dispose()
    {
        if (_body is not null && !_hasEnded) Leave(_body);
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
            _watch.End();
            if (StreamAnswer.IsStream(Answer)) _body = await Answer.Content.ReadAsStreamAsync(_watch.Token).ConfigureAwait(false);
            else if (!IsLast) Error = await RefusalAsync(Answer).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Error = StreamFailure.Of(error, _watch, _cancellationToken);
        }
    }

    private async Task<HttpRequestException> RefusalAsync(HttpResponseMessage answer)
    {
        var what = await StreamAnswer.DescribeAsync(answer, _options.TimeProvider, _cancellationToken).ConfigureAwait(false);
        return _options.ShouldRetry?.Invoke(answer.StatusCode) is true
            ? new HttpRequestException(what, null, answer.StatusCode)
            : throw new EventStreamException(what, answer.StatusCode);
    }

    // A response that is disposed of in the middle is read on for up to two seconds, so that its connection can be used again. A read that waits and is cancelled
    // closes the connection at once, and the server stops.
    private static void Leave(Stream body)
    {
        var stop = new CancellationTokenSource();
        var bytes = new byte[MostAheadBytes / MostAheadReads];
        try
        {
            for (var i = 0; i < MostAheadReads; i++)
            {
                var read = body.ReadAsync(bytes, stop.Token).AsTask();
                if (read.IsCompletedSuccessfully && read.Result > 0) continue;
                stop.Cancel();
                _ = read.ContinueWith(static read => read.Exception, TaskContinuationOptions.OnlyOnFaulted);
                return;
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException or InvalidOperationException or OperationCanceledException)
        {
            // It is broken already.
        }
    }
}
