using System.Text;

namespace EventStream.AspNetCore.Server;

/// <summary>Reads the value of an <c>Origin</c> header.</summary>
internal static class Origin
{
    /// <summary>Whether a text is an origin as a browser writes it.</summary>
    public static bool IsOrigin(string text) => Parse(text) is not null;

    /// <summary>Whether a text is the origin of a page that a server on loopback has served.</summary>
    public static bool IsLoopback(string text) =>
        Parse(text) is { } origin
        && (origin.Scheme == Uri.UriSchemeHttp || origin.Scheme == Uri.UriSchemeHttps)
        && LoopbackHost.Is(origin.Host);

    // Uri reads more than a browser writes, such as an address as one number. What it would write differently is no origin.
    private static Uri? Parse(string text) =>
        Ascii.IsValid(text)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Host.Length > 0
        && uri.UserInfo.Length == 0
        && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase)
            ? uri
            : null;
}
