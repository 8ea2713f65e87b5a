using System.Net;
using System.Net.Sockets;

namespace EventStream.Conformance.Tests.Tool.Subjects;

/// <summary>
/// A port for a server that must be told one: below those that the system gives out by itself, so that no other test is given it meanwhile.
/// </summary>
internal static class FreePort
{
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one is not.
            }
        }
    }
}
