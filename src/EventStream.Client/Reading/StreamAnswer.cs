using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace EventStream.Client.Reading;

/// <summary>Whether an answer is an event stream (HTML, section 9.2.3).</summary>
internal static class StreamAnswer
{
    public const string MediaType = "text/event-stream";

    private const int ShownBytes = 200;
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    public static bool IsStream(HttpResponseMessage answer) => HasTheType(answer) && EncodingOf(answer) is null;

    /// <summary>What came instead of a stream, for whoever has to find out why.</summary>
    public static async Task<string> DescribeAsync(HttpResponseMessage answer, ForeignCalls calls)
    {
        var request = answer.RequestMessage;
        var type = TypesOf(answer) is { Count: > 0 } given ? $"'{given}'" : "no content type";
        var encoding = EncodingOf(answer);
        var what = $"{request?.Method} {Shown(request?.RequestUri)} was answered by {(int)answer.StatusCode} {answer.StatusCode} with {type}";
        if (encoding is not null) what += $" and Content-Encoding '{encoding}', which this HttpClient does not decode";
        if (HasTheType(answer)) return $"{what}. Set AutomaticDecompression on its handler, or ask for no encoding.";
        what += $"; an event stream is 200 with '{MediaType}'.";
        var text = encoding is null ? await BeginningAsync(answer, calls).ConfigureAwait(false) : "";
        return text.Length > 0 ? $"{what} The body begins: {text}" : what;
    }

    /// <summary>The encoding that a body still has; null if it has none.</summary>
    /// <remarks>A handler that decodes a body takes the header away. A browser decodes every body, and leaves the header.</remarks>
    public static string? EncodingOf(HttpResponseMessage answer, bool isInBrowser) =>
        !isInBrowser
        && answer.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values)
        && values.ToString() is { Length: > 0 } encoding
        && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? encoding
            : null;

    /// <summary>How long the server asks to be left alone, a day at most; null if it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider time) =>
        answer.Headers.NonValidated.TryGetValues("Retry-After", out var values) && values.Count == 1
            ? RetryAfter(values.ToString().Trim(), time)
            : null;

    /// <summary>An address without its user and its query, which may hold a secret: messages go into logs.</summary>
    public static string? Shown(Uri? address) => address is { IsAbsoluteUri: true }
        ? address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : address?.ToString();

    // HttpClient ignores seconds that are more than 31 bits.
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

    // Of several types the last one counts (Fetch, "extract a MIME type"). The parameters do not matter, not even malformed ones such as a
    // semicolon at the end, for which HttpClient reads no type at all.
    private static string EssenceOf(HttpResponseMessage answer) =>
        TypesOf(answer)
            .SelectMany(static value => value.Split(','))
            .Select(static type => type.Split(';')[0].Trim())
            .LastOrDefault(static type => type.Contains('/') && type != "*/*", "");

    // As they came: HttpClient reads the first of several.
    private static HeaderStringValues TypesOf(HttpResponseMessage answer) =>
        answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values : default;

    private static string? EncodingOf(HttpResponseMessage answer) => EncodingOf(answer, OperatingSystem.IsBrowser());

    private static async Task<string> BeginningAsync(HttpResponseMessage answer, ForeignCalls calls)
    {
        var bytes = new byte[ShownBytes];
        var length = 0;
        try
        {
            // The body may be an endless one of another type: then what has come of it has to do.
            await calls.WaitAsync(ReadAsync(), LongestLook).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A refusal is one, whatever its body does.
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
