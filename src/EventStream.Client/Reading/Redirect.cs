using System.Net;

namespace EventStream.Client.Reading;

/// <summary>Follows the redirects that the handler does not follow, within the origin (RFC 9110, section 15.4).</summary>
/// <remarks>
/// The client cannot see credentials that a handler or <see cref="HttpClient.DefaultRequestHeaders"/> adds. So it sends nothing to another
/// origin unless the app allows that.
/// </remarks>
internal static class Redirect
{
    // The limit of Fetch, section 4.4.
    private const int Most = 20;

    /// <summary>Where an answer redirects its request; null if it is not a redirect, or has no address.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="asked">Where the request went.</param>
    /// <param name="isAllowed">The app's <see cref="EventStreamClientOptions.ShouldFollow"/>.</param>
    /// <exception cref="EventStreamClientException">It is one redirect too many, or leads to an origin that is not allowed.</exception>
    public static RequestTarget? Of(HttpResponseMessage answer, RequestTarget asked, Func<Uri, bool>? isAllowed)
    {
        var status = answer.StatusCode;
        var isPermanent = status is HttpStatusCode.MovedPermanently or HttpStatusCode.PermanentRedirect;
        var isTemporary = status is HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect;
        if (!isPermanent && !isTemporary) return null;
        if (LocationOf(answer) is not { } location || !Uri.TryCreate(asked.Address, location, out var address)) return null;
        Check(address, asked, isAllowed, status);
        // Fetch, section 4.4, step 12.
        var becomesGet = status == HttpStatusCode.SeeOther
            || (status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found && asked.Method == HttpMethod.Post);
        var method = becomesGet ? HttpMethod.Get : asked.Method;
        return new(
            address,
            method,
            asked.HasContent && !becomesGet,
            asked.Redirects + 1,
            asked.IsPermanent && isPermanent && method == asked.Method,
            asked.IsForeign || !asked.IsOfOrigin(address));
    }

    /// <summary>The GET that a handler's redirect made of a request with another method; null if it did not.</summary>
    /// <param name="sent">The request as the handler left it.</param>
    /// <param name="asked">The request as the client sent it.</param>
    public static RequestTarget? OfHandler(HttpRequestMessage sent, RequestTarget asked) =>
        sent.Method == HttpMethod.Get && asked.Method != HttpMethod.Get && sent.RequestUri is { IsAbsoluteUri: true } address
            ? new(address, sent.Method, HasContent: false, IsForeign: asked.IsForeign || !asked.IsOfOrigin(address))
            : null;

    /// <summary>Checks where a handler sent a request that may carry credentials for its origin.</summary>
    /// <param name="taken">Where the handler sent it; null if the client cannot see that.</param>
    /// <param name="asked">Where the client sent it.</param>
    /// <param name="isAllowed">The app's <see cref="EventStreamClientOptions.ShouldFollow"/>.</param>
    /// <exception cref="EventStreamClientException">It is another origin, and not allowed.</exception>
    public static void CheckTaken(Uri? taken, RequestTarget asked, Func<Uri, bool>? isAllowed)
    {
        if (taken is not { IsAbsoluteUri: true } || asked.IsOfOrigin(taken) || isAllowed?.Invoke(taken) is true) return;
        throw new EventStreamClientException(
            $"A handler sent the request for {StreamAnswer.Shown(asked.Address)} to another origin, {RequestTarget.OriginOf(taken)}, "
            + "with its headers. Set AllowAutoRedirect = false on the handler: the client follows redirects itself. "
            + $"Or allow the address by {nameof(EventStreamClientOptions.ShouldFollow)}.");
    }

    private static void Check(Uri next, RequestTarget asked, Func<Uri, bool>? isAllowed, HttpStatusCode status)
    {
        if (asked.Redirects == Most)
        {
            throw new EventStreamClientException(
                $"The request was redirected more than {Most} times, most recently by {StreamAnswer.Shown(asked.Address)}. "
                + "The redirects look like a loop: request the final address.",
                status);
        }

        if (asked.IsOfOrigin(next) || isAllowed?.Invoke(next) is true) return;
        throw new EventStreamClientException(
            $"{StreamAnswer.Shown(asked.Address)} was redirected to another origin, {RequestTarget.OriginOf(next)}. "
            + "Nothing was sent there, because the request may carry credentials. "
            + $"Request that address, or allow it by {nameof(EventStreamClientOptions.ShouldFollow)}.",
            status);
    }

    // Read as raw text, because on some platforms HttpClient parses a path as the address of a file.
    private static string? LocationOf(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues("Location", out var values)
        && values.Count == 1
        && values.ToString() is { Length: > 0 } location
            ? location
            : null;
}
