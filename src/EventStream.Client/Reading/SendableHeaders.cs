using System.Net.Http.Headers;
using System.Text;

namespace EventStream.Client.Reading;

/// <summary>Checks that a handler can send the headers of a request.</summary>
/// <remarks>
/// Without this check every attempt would fail in the same way, and the handler's exception would look like that of a broken connection.
/// </remarks>
internal static class SendableHeaders
{
    public const string LastEventId = "Last-Event-ID";

    /// <exception cref="EventStreamClientException">A header cannot be sent.</exception>
    public static void Check(HttpRequestMessage message, HttpRequestHeaders defaults, bool allowsNonAscii)
    {
        Check(message.Headers, allowsNonAscii);
        Check(defaults, allowsNonAscii);
        if (message.Content is { } content) Check(content.Headers, allowsNonAscii);
    }

    private static void Check(HttpHeaders headers, bool allowsNonAscii)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values) Check(name, value, allowsNonAscii);
        }
    }

    private static void Check(string name, string value, bool allowsNonAscii)
    {
        // Only the position is shown, because other values may be secrets.
        var header = name == LastEventId ? $"The position '{value}'" : $"The request's header {name}";
        if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new EventStreamClientException($"{header} has CR, LF or NUL, which a header cannot carry. Remove these characters.");
        }

        if (allowsNonAscii || Ascii.IsValid(value)) return;
        throw new EventStreamClientException(
            $"{header} is not ASCII, and HttpClient does not send it by default. "
            + "Give the HttpClient a SocketsHttpHandler with RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, "
            + $"and set {nameof(EventStreamClientOptions.AllowNonAsciiHeaders)}; or use ASCII.");
    }
}
