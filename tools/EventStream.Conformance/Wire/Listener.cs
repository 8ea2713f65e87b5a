using System.Threading.Channels;

namespace EventStream.Conformance.Wire;

/// <summary>A client of one stream: reads all the time, so that what came is there to be asked for, each time within a limit.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Exchange _exchange;
    private readonly TaskCompletionSource<ResponseHead> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<byte[]> _pieces = Channel.CreateBounded<byte[]>(StreamBounds.PiecesAhead);
    private readonly Task _reading;

    // What a check asks for is made of the pieces only when it asks: lines can take more memory than their bytes.
    private readonly LineSplitter _splitter = new();
    private readonly Queue<WireLine> _lines = new();
    private readonly BlockAssembly _blocks = new();
    private bool _hasEnded;

    private Listener(Exchange exchange)
    {
        _exchange = exchange;
        _reading = ReadAsync();
    }

    public bool HasByteOrderMark => _splitter.HasByteOrderMark;

    /// <summary>How the body ended, as soon as its last line was asked for.</summary>
    public BodyEnd End => _hasEnded ? _exchange.End : BodyEnd.Open;

    /// <summary>Whether lines were left over that a client would drop, because no blank line follows them.</summary>
    public bool HasHalfBlock => _blocks.HasBegun;

    /// <summary>Whether the body ended by its final chunk or its length, and not inside a message.</summary>
    public bool HasEndedCleanly => End == BodyEnd.Clean && !HasHalfBlock;

    /// <summary>The block that the line asked for last has ended; null where it ended none.</summary>
    public Block? Latest { get; private set; }

    /// <summary>How many bytes of the response have come, its head included.</summary>
    public long Received => _exchange.Received;

    public static async Task<Listener> OpenAsync(Request request) => new(await Exchange.SendAsync(request));

    /// <summary>The head of the response; null if it has not come within <paramref name="limit"/>.</summary>
    /// <exception cref="IOException">The connection ended before.</exception>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1.</exception>
    public async Task<ResponseHead?> HeadAsync(TimeSpan limit)
    {
        await Task.WhenAny(_head.Task, Task.Delay(limit));
        return _head.Task.IsCompleted ? await _head.Task : null;
    }

    /// <summary>The next line; null if none has come by the deadline, or the response has ended.</summary>
    /// <exception cref="IOException">The connection ended before the head did.</exception>
    /// <exception cref="InvalidDataException">The head is no HTTP/1.1, or a chunk is malformed.</exception>
    /// <exception cref="TooLongException">A line or a message is longer than the tool keeps.</exception>
    public async Task<WireLine?> NextLineAsync(Deadline deadline)
    {
        // Also where a line is ready: a flood always has one ready.
        if (deadline.IsOver) return null;
        while (_lines.Count == 0)
        {
            if (_hasEnded || !await TakePieceAsync(deadline)) return null;
        }

        var line = _lines.Dequeue();
        Latest = _blocks.Add(line);
        return line;
    }

    /// <summary>The next block that is an event; null if none has come by the deadline, or the response has ended.</summary>
    /// <inheritdoc cref="NextLineAsync" path="/exception"/>
    public async Task<Block?> NextEventAsync(Deadline deadline)
    {
        while (await NextLineAsync(deadline) is not null)
        {
            if (Latest is { IsEvent: true } block) return block;
        }

        return null;
    }

    /// <summary>Whether any byte of a body has come within <paramref name="limit"/>, a line or not.</summary>
    public async Task<bool> HasBodyAsync(TimeSpan limit) => await HasPieceAsync(new(limit)) is true;

    /// <summary>Reads on to the end of the response; false if that has not come within <paramref name="limit"/>.</summary>
    /// <inheritdoc cref="NextLineAsync" path="/exception"/>
    public async Task<bool> ReachEndAsync(TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (await NextLineAsync(deadline) is not null)
        {
        }

        return _hasEnded;
    }

    public async ValueTask DisposeAsync()
    {
        _pieces.Writer.TryComplete();
        await _exchange.DisposeAsync();
        await _reading;
    }

    // False at the deadline.
    private async Task<bool> TakePieceAsync(Deadline deadline)
    {
        if (await HasPieceAsync(deadline) is not { } isThere) return false;
        if (isThere && _pieces.Reader.TryRead(out var piece))
        {
            foreach (var line in _splitter.Split(piece)) _lines.Enqueue(line);
            return true;
        }

        _hasEnded = true;
        if (_splitter.Rest() is { } rest) _lines.Enqueue(rest);
        return true;
    }

    // Null at the deadline, false at the end.
    private async Task<bool?> HasPieceAsync(Deadline deadline)
    {
        var waiting = _pieces.Reader.WaitToReadAsync().AsTask();
        try
        {
            return await waiting.WaitAsync(deadline.Left);
        }
        catch (TimeoutException)
        {
            return waiting.IsCompleted ? await waiting : null;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            _head.SetResult(await _exchange.ReadHeadAsync());
            var buffer = new byte[StreamBounds.Piece];
            for (var count = await _exchange.ReadAsync(buffer); count > 0; count = await _exchange.ReadAsync(buffer))
            {
                await _pieces.Writer.WriteAsync(buffer[..count]);
            }

            _pieces.Writer.TryComplete();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException or ChannelClosedException)
        {
            _head.TrySetException(error);
            _pieces.Writer.TryComplete(error);
        }
    }
}
