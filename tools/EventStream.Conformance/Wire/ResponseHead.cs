using System.Globalization;

namespace EventStream.Conformance.Wire;

/// <summary>The status and the headers of a response, as they stand there (RFC 9112, section 2).</summary>
internal sealed class ResponseHead
{
    // A server has at most a few things to say before its answer (RFC 9110, 15.2).
    private const int MostInterim = 16;

    private readonly List<KeyValuePair<string, string>> _headers = [];

    private ResponseHead(int status) => Status = status;

    public int Status { get; }

    public bool IsChunked =>
        (Header("Transfer-Encoding") ?? "").Split(',')[^1].Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="InvalidDataException">It is no number.</exception>
    public long? ContentLength => Header("Content-Length") switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) => length,
        var text => throw new InvalidDataException($"a Content-Length that is no number: '{Printable.Of(text)}'"),
    };

    /// <summary>The status, and where a redirect leads to.</summary>
    public string Answer => Status is >= 300 and < 400 && Header("Location") is { } location
        ? $"{Status} to {Printable.Of(location)}"
        : $"{Status}";

    /// <summary>Why no client would read an event stream from the response (WHATWG HTML, 9.2.3); null where it would.</summary>
    public string? WhyNoStream
    {
        get
        {
            if (Status != 200) return Answer;
            var type = Header("Content-Type");
            var isStream = type is not null && type.Split(';')[0].Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);
            if (!isStream) return $"{Status}, {(type is null ? "no Content-Type" : Printable.Of(type))}";
            return Header("Content-Encoding") is { } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
                ? $"{Status}, Content-Encoding: {Printable.Of(encoding)}, which was not asked for"
                : null;
        }
    }

    /// <summary>A header's value, several joined by commas; null where it is missing.</summary>
    public string? Header(string name)
    {
        var values = _headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)
            .ToArray();
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    /// <summary>Reads the head of the final response.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the head did.</exception>
    /// <exception cref="InvalidDataException">It is no HTTP/1.1.</exception>
    public static async Task<ResponseHead> ReadAsync(ByteInput input)
    {
        for (var interim = 0; interim <= MostInterim; interim++)
        {
            var head = new ResponseHead(StatusOf(await input.ReadLineAsync()));
            foreach (var line in await input.ReadSectionAsync()) head.Add(line);
            if (head.Status >= 200) return head;
        }

        throw new InvalidDataException($"{MostInterim} interim responses, and another instead of a final one");
    }

    private static int StatusOf(string line) =>
        line.StartsWith("HTTP/1.", StringComparison.Ordinal)
            && line.Length >= 12
            && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new InvalidDataException($"a first line that is not HTTP/1.1: '{Printable.Of(line)}'");

    private void Add(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw new InvalidDataException($"a header without a name: '{Printable.Of(line)}'");
        _headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
    }
}
