using System.Net;
using System.Net.Sockets;

namespace EventStream.Conformance.Tests.Tool.Subjects;

/// <summary>A port for a server that cannot choose one itself.</summary>
/// <remarks>It is below the ports that the system assigns, so no other test gets it meanwhile.</remarks>
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
