using System.Globalization;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Reads responses of HTTP/1.1 from a socket, byte by byte as RFC 9112 has them.</summary>
/// <param name="connection">The socket.</param>
/// <param name="before">Waits before each read, such as a slow reader; null if it does not.</param>
internal sealed class ResponseReader(RawConnection connection, Func<Task>? before = null)
{
    private ReadOnlyMemory<byte> _ahead;

    /// <summary>Reads a status line and fields, without the empty line that ends them.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (await ReadLineAsync() is { Length: > 0 } line) head.Append(line).Append("\r\n");
        return head.ToString();
    }

    /// <summary>Reads a number of bytes.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            if (!await HasMoreAsync()) throw new EndOfStreamException($"The connection ended {count - at} bytes too soon.");
            var some = _ahead[..Math.Min(_ahead.Length, count - at)];
            some.CopyTo(bytes.AsMemory(at));
            _ahead = _ahead[some.Length..];
            at += some.Length;
        }

        return bytes;
    }

    /// <summary>Reads a response whose head says how its body ends, and returns the body.</summary>
    public async Task<byte[]> ReadBodyAsync()
    {
        var head = await ReadHeadAsync();
        head.Should().StartWith("HTTP/1.1 200 OK\r\n");
        if (head.Contains("Transfer-Encoding: chunked\r\n")) return await ReadChunksAsync();
        var length = head.Split("\r\n").Single(field => field.StartsWith("Content-Length: "))["Content-Length: ".Length..];
        return await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc cref="ReadBodyAsync"/>
    public async Task<string> ReadTextAsync() => Encoding.UTF8.GetString(await ReadBodyAsync());

    /// <summary>Reads the head of a channel's stream, and its first chunk, after which the stream gets all that is published.</summary>
    public async Task<string> ReadStartAsync()
    {
        (await ReadHeadAsync()).Should().StartWith("HTTP/1.1 200 OK\r\n");
        return Encoding.UTF8.GetString(await ReadChunkAsync());
    }

    /// <summary>Reads chunks up to the last one, and returns their content.</summary>
    public async Task<byte[]> ReadChunksAsync()
    {
        using var body = new MemoryStream();
        while (await ReadChunkAsync() is { Length: > 0 } chunk) body.Write(chunk);
        return body.ToArray();
    }

    /// <summary>Reads one chunk, and returns its content, which is empty in the last one.</summary>
    public async Task<byte[]> ReadChunkAsync()
    {
        var line = await ReadLineAsync();
        line.Should().MatchRegex("^[0-9a-f]+$", "a chunk begins with its length");
        var chunk = await ReadAsync(int.Parse(line, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        (await ReadAsync(2)).Should().Equal("\r\n"u8.ToArray(), "a chunk ends with a line break");
        return chunk;
    }

    /// <summary>Reads until the connection has ended, by a close or a reset.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        while (await HasMoreAsync())
        {
            all.Write(_ahead.Span);
            _ahead = default;
        }

        return all.ToArray();
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            var next = (char)(await ReadAsync(1))[0];
            if (next != '\n') line.Append(next);
            else return line.ToString().TrimEnd('\r');
        }
    }

    private async Task<bool> HasMoreAsync()
    {
        if (!_ahead.IsEmpty) return true;
        if (before is not null) await before();
        _ahead = await connection.ReceiveAsync();
        return !_ahead.IsEmpty;
    }
}
