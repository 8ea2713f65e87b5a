namespace EventStream.Client.Reading;

/// <summary>The address and method of one request: the app's at first, then those of the redirects.</summary>
/// <param name="Address">Absolute, unless the client has no base address.</param>
/// <param name="Method">The method.</param>
/// <param name="HasContent">Whether the request has the app's body, if there is one.</param>
/// <param name="Redirects">How many redirects have led there.</param>
/// <param name="IsPermanent">Whether all of them were permanent, and kept the method.</param>
/// <param name="IsForeign">Whether one of them has led to another origin.</param>
internal sealed record RequestTarget(
    Uri Address, HttpMethod Method, bool HasContent = true, int Redirects = 0, bool IsPermanent = true, bool IsForeign = false)
{
    /// <summary>Scheme, host and port; safe to log.</summary>
    public static string OriginOf(Uri address) => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Whether an address has the same scheme, host and port.</summary>
    public bool IsOfOrigin(Uri other) =>
        Address.Scheme == other.Scheme
        && Address.Port == other.Port
        && Address.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
