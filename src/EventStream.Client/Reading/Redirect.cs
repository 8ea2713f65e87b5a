using System.Net;

namespace EventStream.Client.Reading;

/// <summary>
/// Redirects (RFC 9110, section 15.4). The client follows those that the handler does not follow, and keeps what the caller has prepared
/// within the origin.
/// </summary>
/// <remarks>
/// What a handler or <see cref="HttpClient.DefaultRequestHeaders"/> adds cannot be seen here. So nothing is sent to another origin unless
/// the caller allows it.
/// </remarks>
internal static class Redirect
{
    // As Fetch has it, section 4.4.
    private const int Most = 20;

    /// <summary>Where an answer sends its request; null if it is no redirect, or one without an address.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="asked">Where the request went.</param>
    /// <param name="isAllowed">The caller's <see cref="EventStreamClientOptions.ShouldFollow"/>.</param>
    /// <exception cref="EventStreamClientException">It is one too many, or leads to another origin that is not allowed.</exception>
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

    /// <summary>What a handler's redirect has made of a request that was no GET; null if it made no GET of it.</summary>
    /// <param name="sent">The request as the handler has left it.</param>
    /// <param name="asked">How the client has sent it.</param>
    public static RequestTarget? OfHandler(HttpRequestMessage sent, RequestTarget asked) =>
        sent.Method == HttpMethod.Get && asked.Method != HttpMethod.Get && sent.RequestUri is { IsAbsoluteUri: true } address
            ? new(address, sent.Method, HasContent: false, IsForeign: asked.IsForeign || !asked.IsOfOrigin(address))
            : null;

    /// <summary>Looks where a handler has sent a request that may carry what is for its origin alone.</summary>
    /// <param name="taken">Where the handler has sent it; null if that cannot be seen.</param>
    /// <param name="asked">Where the client has sent it.</param>
    /// <param name="isAllowed">The caller's <see cref="EventStreamClientOptions.ShouldFollow"/>.</param>
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
                $"The request was redirected more than {Most} times, lastly by {StreamAnswer.Shown(asked.Address)}: "
                + "it looks like a loop.",
                status);
        }

        if (asked.IsOfOrigin(next) || isAllowed?.Invoke(next) is true) return;
        throw new EventStreamClientException(
            $"{StreamAnswer.Shown(asked.Address)} was redirected to another origin, {RequestTarget.OriginOf(next)}. "
            + "Nothing was sent there, because the request may carry credentials. "
            + $"Ask that address, or allow it by {nameof(EventStreamClientOptions.ShouldFollow)}.",
            status);
    }

    // As it came: HttpClient takes a path for the address of a file on some platforms.
    private static string? LocationOf(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues("Location", out var values)
        && values.Count == 1
        && values.ToString() is { Length: > 0 } location
            ? location
            : null;
}
