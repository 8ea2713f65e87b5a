using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Server;

/// <summary>Sets the probes and the timeout on each listening socket; a connection inherits them when it is accepted.</summary>
/// <remarks>
/// A connection middleware would set them too, for a few system calls a connection. But it is added by <c>ConfigureEndpointDefaults</c>,
/// and that call of the app would take its place.
/// </remarks>
internal sealed class DeadPeerProbes(DeadPeerTimes times) : IPostConfigureOptions<SocketTransportOptions>
{
    // IPPROTO_TCP and TCP_USER_TIMEOUT of Linux's netinet/tcp.h, see tcp(7). .NET has no name for the option.
    private const int Tcp = 6;
    private const int UserTimeout = 18;

    // Windows has it since version 1703, and sends ten probes before.
    private static bool HasRetryCount => !OperatingSystem.IsWindows() || OperatingSystem.IsWindowsVersionAtLeast(10, 0, 15063);

    public void PostConfigure(string? name, SocketTransportOptions options)
    {
        var create = options.CreateBoundListenSocket;
        options.CreateBoundListenSocket = endpoint =>
        {
            var socket = create(endpoint);
            if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6) Set(socket);
            return socket;
        };
    }

    private void Set(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(times.Silence));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(times.ProbeInterval));
        // Linux goes by the timeout and not by the number, once both are set.
        var probes = Math.Max(1, Seconds(times.GiveUp - times.Silence) / Seconds(times.ProbeInterval));
        if (HasRetryCount) socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, probes);
        if (!OperatingSystem.IsLinux()) return;
        Span<byte> value = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(value, (int)times.GiveUp.TotalMilliseconds);
        socket.SetRawSocketOption(Tcp, UserTimeout, value);
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Round(time.TotalSeconds));
}
