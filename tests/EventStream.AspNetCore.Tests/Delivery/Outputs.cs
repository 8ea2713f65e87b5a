using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Servers with each output, and sockets that make it wait.</summary>
internal static class Outputs
{
    /// <summary>The bytes that the socket of a connection holds, and the pipe or backlog before it.</summary>
    private const int Tiny = 4096;

    /// <summary>What the tests of this folder run with.</summary>
    public static Output[] All => [Output.Kestrel, Output.Direct, Output.IoUring];

    public static IWebHostBuilder Use(this IWebHostBuilder server, Output output) => output switch
    {
        Output.Direct => server.UseDirectOutput(),
        Output.IoUring => server.UseIoUring(),
        _ => server,
    };

    /// <summary>Makes the sockets of a server take few bytes at a time.</summary>
    /// <param name="server">The server.</param>
    /// <param name="limit">How many bytes a connection holds besides those of its socket.</param>
    public static IWebHostBuilder UseTinyBuffers(this IWebHostBuilder server, int limit = Tiny) => server.ConfigureServices(services =>
        services.Configure<SocketTransportOptions>(options =>
        {
            options.MaxWriteBufferSize = limit;
            options.CreateBoundListenSocket = endpoint =>
            {
                // Accepted sockets have the buffers of the listener.
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                socket.SendBufferSize = Tiny;
                return socket;
            };
        }));

    /// <summary>Adds an endpoint that says whether its response could go past Kestrel's HTTP.</summary>
    public static void MapIsDirect(this WebApplication app) =>
        app.MapGet("/is-direct", (HttpContext context) => DirectOutput.Of(context) is not null ? "yes" : "no");

    /// <summary>Connects a client of little buffers.</summary>
    public static Task<RawConnection> ConnectAsync(this TestApp app, int? receiveBuffer = null) =>
        RawConnection.ConnectAsync(app.Address.Port, receiveBuffer);

    /// <summary>The request line and the fields of a GET.</summary>
    public static string Get(string path, string fields = "") => $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n";
}
