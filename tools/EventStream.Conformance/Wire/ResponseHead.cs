using System.Globalization;

namespace EventStream.Conformance.Wire;

/// <summary>The status and the headers of a response, as they stand there (RFC 9112, section 2).</summary>
internal sealed class ResponseHead
{
    private readonly List<KeyValuePair<string, string>> _headers = [];

    private ResponseHead(int status) => Status = status;

    public int Status { get; }

    public bool IsChunked => (Header("Transfer-Encoding") ?? "").Split(',')[^1].Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase);

    public long? ContentLength => long.TryParse(Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    /// <summary>A header's value, several joined by commas; null where it is missing.</summary>
    public string? Header(string name)
    {
        var values = _headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToArray();
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    /// <summary>Reads the head of the final response.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the head did.</exception>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1.</exception>
    public static async Task<ResponseHead> ReadAsync(ByteInput input)
    {
        while (true)
        {
            var head = new ResponseHead(StatusOf(await input.ReadLineAsync()));
            for (var line = await input.ReadLineAsync(); line.Length > 0; line = await input.ReadLineAsync()) head.Add(line);
            if (head.Status >= 200) return head;
        }
    }

    private static int StatusOf(string line) =>
        line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Length >= 12 && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new InvalidDataException($"a first line that is not HTTP/1.1: '{Printable.Of(line)}'");

    private void Add(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw new InvalidDataException($"a header without a name: '{Printable.Of(line)}'");
        _headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
    }
}
