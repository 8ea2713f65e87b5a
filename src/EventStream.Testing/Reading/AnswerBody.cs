using EventStream.Testing.Faults;

namespace EventStream.Testing.Reading;

/// <summary>The body of an answer. For one reader.</summary>
/// <param name="response">The answer. It is disposed of with the body.</param>
/// <param name="time">The clock of the limit after which a body is closed whose stream ignores its token.</param>
internal sealed class AnswerBody(HttpResponseMessage response, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Stream? _stream;
    private Task _pending = Task.CompletedTask;
    private Task? _leaving;

    /// <summary>Reads the next bytes: at least one, or none at the end.</summary>
    /// <param name="stop">Ends the wait, also if the body's stream ignores its token.</param>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken stop)
    {
        _stream ??= await WaitAsync(given => response.Content.ReadAsStreamAsync(given), stop).ConfigureAwait(false);
        var count = await WaitAsync(given => _stream.ReadAsync(_buffer, given).AsTask(), stop).ConfigureAwait(false);
        return _buffer.AsMemory(0, count);
    }

    /// <summary>Leaves the body, so that the server sees it at once. Further calls have no effect.</summary>
    /// <param name="limit">The longest wait for that.</param>
    public Task LeaveAsync(TimeSpan limit)
    {
        // On the thread pool, because a Dispose may block.
        lock (_gate) _leaving ??= Task.Run(CloseAsync);
        return Foreign.LetGoAsync(_leaving, limit);
    }

    private async Task CloseAsync()
    {
        // A stream must be neither read nor disposed of during a read, unless the read does not return within the limit.
        await Foreign.LetGoAsync(_pending, HangUp.Limit, time).ConfigureAwait(false);
        if (_pending.IsCompleted) await HangUp.OnAsync(response.Content, time).ConfigureAwait(false);
        response.Dispose();
    }

    private Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken stop) => Foreign.WaitAsync(
        given =>
        {
            var pending = call(given);
            _pending = pending;
            return pending;
        },
        late: null,
        stop);
}
