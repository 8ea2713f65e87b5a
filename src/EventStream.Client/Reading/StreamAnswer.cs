using System.Net;
using System.Text;

namespace EventStream.Client.Reading;

/// <summary>Whether an answer is an event stream (HTML, section 9.2.3).</summary>
internal static class StreamAnswer
{
    public const string MediaType = "text/event-stream";

    private const int ShownBytes = 200;
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    public static bool IsStream(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.OK && EssenceOf(answer).Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>What came instead of a stream, for whoever has to find out why.</summary>
    public static async Task<string> DescribeAsync(HttpResponseMessage answer, ForeignCalls calls)
    {
        var request = answer.RequestMessage;
        var type = answer.Content.Headers.ContentType?.ToString() is { Length: > 0 } given ? $"'{given}'" : "no content type";
        var text = await BeginningAsync(answer, calls).ConfigureAwait(false);
        return $"{request?.Method} {Shown(request?.RequestUri)} was answered by {(int)answer.StatusCode} {answer.StatusCode} with {type}; an event stream is 200 with '{MediaType}'."
            + (text.Length > 0 ? $" The body begins: {text}" : "");
    }

    /// <summary>How long the server asks to be left alone, a day at most; null if it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider time)
    {
        var asked = answer.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - time.GetUtcNow() : null;
        return asked > LongestRetryAfter ? LongestRetryAfter : asked;
    }

    // A query may hold a token, and messages go into logs.
    private static string? Shown(Uri? address) => address is { IsAbsoluteUri: true } ? address.GetLeftPart(UriPartial.Path) : address?.ToString();

    // The parameters do not matter, not even malformed ones such as a semicolon at the end, for which HttpClient reads no type at all.
    private static ReadOnlySpan<char> EssenceOf(HttpResponseMessage answer)
    {
        var type = answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : "";
        return type.AsSpan(0, type.IndexOf(';') is >= 0 and var end ? end : type.Length).Trim();
    }

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
