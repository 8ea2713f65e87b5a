using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace EventStream.Client.Reading;

/// <summary>Tells whether an answer is an event stream (HTML, section 9.2.3), and describes any other answer.</summary>
internal static class StreamAnswer
{
    public const string MediaType = "text/event-stream";

    private const int ShownBytes = 200;
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    public static bool IsStream(HttpResponseMessage answer) => HasTheType(answer) && EncodingOf(answer) is null;

    /// <summary>Describes an answer that is not a stream: its status, its headers, and the beginning of its body.</summary>
    public static async Task<string> DescribeAsync(HttpResponseMessage answer, ForeignCalls calls)
    {
        var request = answer.RequestMessage;
        var type = TypesOf(answer) is { Count: > 0 } given ? $"'{given}'" : "no content type";
        var encoding = EncodingOf(answer);
        var status = $"{(int)answer.StatusCode} {answer.StatusCode}";
        var what = $"{request?.Method} {Shown(request?.RequestUri)} was answered by {status} with {type}";
        if (encoding is not null) what += $" and Content-Encoding '{encoding}', which this HttpClient does not decode";
        if (HasTheType(answer)) return $"{what}. Set AutomaticDecompression on its handler, or ask for no encoding.";
        what += $"; an event stream is 200 with '{MediaType}'.";
        var text = encoding is null ? await BeginningAsync(answer, calls).ConfigureAwait(false) : "";
        return text.Length > 0 ? $"{what} The body begins: {text}" : what;
    }

    /// <summary>The encoding that a body still has; null if it has none.</summary>
    /// <remarks>A handler that decodes a body removes the header. A browser decodes every body, and leaves the header.</remarks>
    public static string? EncodingOf(HttpResponseMessage answer, bool isInBrowser) =>
        !isInBrowser
        && answer.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values)
        && values.ToString() is { Length: > 0 } encoding
        && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? encoding
            : null;

    /// <summary>How long the server asks the client to wait, at most 1 day; null if it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider time) =>
        answer.Headers.NonValidated.TryGetValues("Retry-After", out var values) && values.Count == 1
            ? RetryAfter(values.ToString().Trim(), time)
            : null;

    /// <summary>An address without its user and query.</summary>
    /// <remarks>Those may hold a secret, and exception messages reach logs.</remarks>
    public static string? Shown(Uri? address) => address is { IsAbsoluteUri: true }
        ? address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : address?.ToString();

    // Parsed here, because HttpClient ignores seconds of more than 31 bits.
    private static TimeSpan? RetryAfter(string value, TimeProvider time)
    {
        if (value.Length > 0 && value.All(char.IsAsciiDigit))
        {
            return ulong.TryParse(value, out var seconds) && seconds < Reconnection.LongestDelay.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : Reconnection.LongestDelay;
        }

        var asked = RetryConditionHeaderValue.TryParse(value, out var header) ? header.Date - time.GetUtcNow() : null;
        return asked > Reconnection.LongestDelay ? Reconnection.LongestDelay : asked;
    }

    private static bool HasTheType(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.OK && EssenceOf(answer).Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    // Of several types the last one counts (Fetch, "extract a MIME type"). Parameters are ignored, also malformed ones: for a semicolon at
    // the end HttpClient would return no type.
    private static string EssenceOf(HttpResponseMessage answer) =>
        TypesOf(answer)
            .SelectMany(static value => value.Split(','))
            .Select(static type => type.Split(';')[0].Trim())
            .LastOrDefault(static type => type.Contains('/') && type != "*/*", "");

    // Read as raw text, because of several values HttpClient parses only the first.
    private static HeaderStringValues TypesOf(HttpResponseMessage answer) =>
        answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values : default;

    private static string? EncodingOf(HttpResponseMessage answer) => EncodingOf(answer, OperatingSystem.IsBrowser());

    private static async Task<string> BeginningAsync(HttpResponseMessage answer, ForeignCalls calls)
    {
        var bytes = new byte[ShownBytes];
        var length = 0;
        try
        {
            // Limited, because a body of another type may never end. The bytes that have arrived by then are shown.
            await calls.WaitAsync(ReadAsync(), LongestLook).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A body that cannot be read must not hide the answer's status.
        }

        return Encoding.UTF8.GetString(bytes, 0, Volatile.Read(ref length)).Trim();

        async ValueTask<int> ReadAsync()
        {
            var body = await answer.Content.ReadAsStreamAsync(calls.Token).ConfigureAwait(false);
            int count;
            do
            {
                count = await body.ReadAsync(bytes.AsMemory(length), calls.Token).ConfigureAwait(false);
                Volatile.Write(ref length, length + count);
            }
            while (count > 0 && length < bytes.Length);

            return length;
        }
    }
}
