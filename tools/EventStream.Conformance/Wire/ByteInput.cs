using System.Text;

namespace EventStream.Conformance.Wire;

/// <summary>The bytes that a server sends, read as HTTP's own lines or as they come.</summary>
internal sealed class ByteInput(Stream stream)
{
    // A head or chunk line longer than this is no HTTP that anybody sends.
    private const int LongestLine = 32 * 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private long _received;

    /// <summary>How many bytes have come; safe from any thread.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>What has come, at least one byte; zero at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        if (_start == _end && !await FillAsync()) return 0;
        var count = Math.Min(destination.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(destination);
        _start += count;
        return count;
    }

    /// <summary>The next line without its CRLF.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the line did.</exception>
    /// <exception cref="InvalidDataException">The line does not end.</exception>
    public async ValueTask<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        for (var length = 0; length <= LongestLine; length++)
        {
            if (_start == _end && !await FillAsync()) throw new EndOfStreamException("it was closed in the middle of the response");
            var next = (char)_buffer[_start++];
            if (next == '\n') return line.ToString();
            if (next != '\r') line.Append(next);
        }

        throw new InvalidDataException($"a line of HTTP that does not end: '{Printable.Of(line.ToString())}'");
    }

    /// <summary>The lines up to the next blank one: headers, or the trailers after the final chunk.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the blank line.</exception>
    /// <exception cref="InvalidDataException">The lines do not end.</exception>
    public async ValueTask<IReadOnlyList<string>> ReadSectionAsync()
    {
        const int MostLines = 256;
        var lines = new List<string>();
        for (var line = await ReadLineAsync(); line.Length > 0; line = await ReadLineAsync())
        {
            lines.Add(line);
            if (lines.Count <= MostLines) continue;
            throw new InvalidDataException($"headers that do not end: after {MostLines} came '{Printable.Of(line)}'");
        }

        return lines;
    }

    private async ValueTask<bool> FillAsync()
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer);
        Volatile.Write(ref _received, _received + _end);
        return _end > 0;
    }
}
