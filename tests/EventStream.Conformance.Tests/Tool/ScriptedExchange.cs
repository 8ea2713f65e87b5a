using System.Text;

namespace EventStream.Conformance.Tests.Tool;

/// <summary>
/// One request to a <see cref="ScriptedServer"/>, and the answer that a test gives it. When the script returns, the connection is closed.
/// </summary>
internal sealed class ScriptedExchange
{
    public const string StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    private readonly Stream _connection;
    private readonly string[] _head;

    private ScriptedExchange(Stream connection, string[] head)
    {
        _connection = connection;
        _head = head;
    }

    public string Method => _head[0].Split(' ')[0];

    public string Target => _head[0].Split(' ')[1];

    /// <summary>The request's first line, then its headers.</summary>
    public IReadOnlyList<string> Head => _head;

    public string? LastEventId =>
        _head.Where(line => line.StartsWith("Last-Event-ID: ", StringComparison.Ordinal)).Select(line => line[15..]).SingleOrDefault();

    /// <summary>
    /// Null where the client left before it had asked, as one does that only looks whether anybody listens, or speaks no HTTP.
    /// </summary>
    public static async Task<ScriptedExchange?> ReadAsync(Stream connection)
    {
        var (head, octet) = (new StringBuilder(), new byte[1]);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await connection.ReadAsync(octet) == 0) return null;
            head.Append((char)octet[0]);
            if (!char.IsAsciiLetterUpper(head[0])) return null;
        }

        return new(connection, head.ToString().Split("\r\n"));
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _connection.WriteAsync(bytes);

    public Task ChunkAsync(string text) => ChunkAsync(Encoding.UTF8.GetBytes(text));

    public Task ChunkAsync(byte[] bytes) => SendAsync([.. Encoding.ASCII.GetBytes($"{bytes.Length:X}\r\n"), .. bytes, .. "\r\n"u8]);

    /// <summary>The final chunk.</summary>
    public Task EndAsync() => SendAsync("0\r\n\r\n");

    /// <summary>A whole stream that begins with these bytes, and stays open until the client leaves.</summary>
    public async Task StreamAsync(string text)
    {
        await SendAsync(StreamHead);
        if (text.Length > 0) await ChunkAsync(text);
        await LeftAsync();
    }

    /// <summary>A whole stream that ends.</summary>
    public async Task StreamAndEndAsync(string text)
    {
        await SendAsync(StreamHead);
        await ChunkAsync(text);
        await EndAsync();
    }

    /// <summary>An answer that is no stream, after which the client closes the connection.</summary>
    public async Task AnswerAsync(string status, string body = "")
    {
        await SendAsync($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        await LeftAsync();
    }

    /// <summary>Waits until the client leaves.</summary>
    public async Task LeftAsync()
    {
        var buffer = new byte[1024];
        while (await _connection.ReadAsync(buffer) > 0)
        {
        }
    }
}
