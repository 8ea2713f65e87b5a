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
        while (_start < _end || await FillAsync())
        {
            var next = (char)_buffer[_start++];
            if (next == '\n') return line.ToString();
            if (next != '\r') line.Append(next);
            if (line.Length > LongestLine) throw new InvalidDataException("a line of HTTP that does not end");
        }

        throw new EndOfStreamException();
    }

    private async ValueTask<bool> FillAsync()
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer);
        return _end > 0;
    }
}
