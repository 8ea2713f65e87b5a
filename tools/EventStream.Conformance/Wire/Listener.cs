using System.Threading.Channels;

namespace EventStream.Conformance.Wire;

/// <summary>A client of one stream: reads all the time, so that what came is there to be asked for, each time within a limit.</summary>
internal sealed class Listener : IAsyncDisposable
{
    // More than a check looks at; beyond it the server waits, as it would for any slow reader.
    private const int LinesAhead = 4096;

    private readonly Exchange _exchange;
    private readonly LineSplitter _splitter = new();
    private readonly BlockAssembly _blocks = new();
    private readonly TaskCompletionSource<ResponseHead> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<WireLine> _lines = Channel.CreateBounded<WireLine>(LinesAhead);
    private readonly Task _reading;

    private Listener(Exchange exchange)
    {
        _exchange = exchange;
        _reading = ReadAsync();
    }

    public bool HasByteOrderMark => _splitter.HasByteOrderMark;

    /// <summary>How the body ended, as soon as its last line was asked for.</summary>
    public BodyEnd End => _exchange.End;

    /// <summary>Whether lines were left over that a client would drop, because no blank line follows them.</summary>
    public bool HasHalfBlock => _blocks.HasBegun;

    /// <summary>Whether the body ended by its final chunk or its length, and not inside a message.</summary>
    public bool HasEndedCleanly => End == BodyEnd.Clean && !HasHalfBlock;

    /// <summary>What was wrong with the chunks; null while nothing was.</summary>
    public string? Malformed { get; private set; }

    /// <summary>The block that the line asked for last has ended; null where it ended none.</summary>
    public Block? Latest { get; private set; }

    public static async Task<Listener> OpenAsync(Request request) => new(await Exchange.SendAsync(request));

    /// <summary>The head of the response; null if it has not come within <paramref name="limit"/>.</summary>
    /// <exception cref="IOException">The connection ended before.</exception>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1.</exception>
    public async Task<ResponseHead?> HeadAsync(TimeSpan limit)
    {
        await Task.WhenAny(_head.Task, Task.Delay(limit));
        return _head.Task.IsCompleted ? await _head.Task : null;
    }

    /// <summary>The next line; null if none has come within <paramref name="limit"/>, or the response has ended.</summary>
    public async Task<WireLine?> NextLineAsync(TimeSpan limit)
    {
        if (!_lines.Reader.TryRead(out var line))
        {
            var waiting = _lines.Reader.WaitToReadAsync().AsTask();
            await Task.WhenAny(waiting, Task.Delay(limit));
            if (!waiting.IsCompleted || !await waiting || !_lines.Reader.TryRead(out line)) return null;
        }

        Latest = _blocks.Add(line);
        return line;
    }

    /// <summary>The next block that is an event; null if none has come within <paramref name="limit"/>, or the response has ended.</summary>
    public async Task<Block?> NextEventAsync(TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (await NextLineAsync(deadline.Left) is not null)
        {
            if (Latest is { IsEvent: true } block) return block;
        }

        return null;
    }

    /// <summary>Reads on to the end of the response; false if that has not come within <paramref name="limit"/>.</summary>
    public async Task<bool> ReachEndAsync(TimeSpan limit)
    {
        var deadline = new Deadline(limit);
        while (await NextLineAsync(deadline.Left) is not null)
        {
        }

        await Task.WhenAny(_reading, Task.Delay(deadline.Left));
        return _reading.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _exchange.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            _head.SetResult(await _exchange.ReadHeadAsync());
            var buffer = new byte[16 * 1024];
            for (var count = await _exchange.ReadAsync(buffer); count > 0; count = await _exchange.ReadAsync(buffer))
            {
                foreach (var line in _splitter.Split(buffer.AsSpan(0, count))) await _lines.Writer.WriteAsync(line);
            }

            if (_splitter.Rest() is { } rest) await _lines.Writer.WriteAsync(rest);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException or ChannelClosedException)
        {
            if (error is InvalidDataException) Malformed = error.Message;
            _head.TrySetException(error);
        }
        finally
        {
            _lines.Writer.TryComplete();
        }
    }
}
