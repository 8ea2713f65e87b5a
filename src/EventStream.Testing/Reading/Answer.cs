using System.Net;
using System.Text;

namespace EventStream.Testing.Reading;

/// <summary>Tells by an answer's headers whether it is the expected one.</summary>
internal static class Answer
{
    private const string MediaType = "text/event-stream";
    private const int MostOfABody = 1000;

    /// <summary>Whether an answer with this status should be a stream.</summary>
    public static bool IsStream(HttpStatusCode status) => (int)status is >= 200 and < 300 and not 204 and not 205;

    public static bool IsAsExpected(HttpResponseMessage response, HttpStatusCode expected) =>
        response.StatusCode == expected && (!IsStream(expected) || (HasTheType(response) && EncodingOf(response) is null));

    public static string Expected(HttpStatusCode status) => $"{(int)status}{(IsStream(status) ? $" {MediaType}" : "")}";

    public static string Describe(HttpResponseMessage response)
    {
        var headers = response.Content.Headers.NonValidated;
        var type = headers.TryGetValues("Content-Type", out var given) ? given.ToString() : "without a content type";
        var encoding = EncodingOf(response) is { } name ? $" with Content-Encoding '{name}', which the client does not decode" : "";
        return $"{(int)response.StatusCode} {type}{encoding}";
    }

    private static bool HasTheType(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, MediaType, StringComparison.OrdinalIgnoreCase);

    // A handler that decodes a body removes the header, so one that is left names an encoding that was not decoded.
    private static string? EncodingOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values)
        && values.ToString() is { Length: > 0 } encoding
        && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? encoding
            : null;

    /// <summary>The beginning of an unexpected body, for the message of a failure.</summary>
    public static async Task<ReadOnlyMemory<byte>> BeginningAsync(AnswerBody body, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            return bytes[..Math.Min(bytes.Length, MostOfABody)];
        }
        catch (Exception)
        {
            return Encoding.UTF8.GetBytes("(the body could not be read)");
        }
    }
}
