using System.Net;
using System.Net.Sockets;

namespace EventStream.AspNetCore.Server;

/// <summary>Recognises the names of this machine that no other machine can have.</summary>
internal static class LoopbackHost
{
    /// <summary>Whether a host, without its port, is <c>localhost</c>, an address of 127.0.0.0/8, or <c>[::1]</c>.</summary>
    /// <remarks>
    /// Each has one spelling here, that of the URL Standard's serialiser. Others, such as <c>127.1</c> or <c>localhost.</c>, come from no
    /// browser in this form, and are refused.
    /// </remarks>
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host == "[::1]"
        || (IPAddress.TryParse(host, out var address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && IPAddress.IsLoopback(address)
            && address.ToString() == host);
}
