using System.Text;

namespace EventStream.Conformance.Wire;

/// <summary>One request over its own connection.</summary>
/// <param name="Address">Where to; its fragment is not sent.</param>
internal sealed record Request(Uri Address)
{
    public string Method { get; init; } = "GET";

    /// <summary>Null: no <c>Last-Event-ID</c> is sent.</summary>
    public string? LastEventId { get; init; }

    /// <summary>Headers beside those that an event stream is always asked for with.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Null: the system's own. Small for a reader that is to stall soon.</summary>
    public int? ReceiveBuffer { get; init; }

    public byte[] ToBytes()
    {
        var text = new StringBuilder(
            $"{Method} {Address.PathAndQuery} HTTP/1.1\r\nHost: {Address.Authority}\r\nAccept: text/event-stream\r\nCache-Control: "
            + "no-cache\r\n");
        foreach (var (name, value) in Headers) text.Append($"{name}: {value}\r\n");
        if (LastEventId is not null) text.Append($"Last-Event-ID: {LastEventId}\r\n");
        if (Method == "POST") text.Append("Content-Length: 0\r\n");
        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }
}
