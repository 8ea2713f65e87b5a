using EventStream.AspNetCore.Delivery;
using EventStream.AspNetCore.Server;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>Settings of the whole server, for all its endpoints and not for streams alone.</summary>
public static class EventStreamWebHostBuilderExtensions
{
    /// <summary>Makes Kestrel notice clients that vanish without closing their connection.</summary>
    /// <remarks>
    /// <para>
    /// <b>It concerns the whole server:</b> every TCP connection of Kestrel, whatever it is used for. A client vanishes if its machine, its
    /// network or a NAT in between goes away and sends nothing. Without this call such a stream stays open for many minutes: in one test it
    /// was still open after 180 s. With it, the request is aborted and the stream ends as if the client had left.
    /// </para>
    /// <list type="bullet">
    /// <item>TCP keep-alive probes go out after a fifth of the timeout without anything from the client.</item>
    /// <item>On Linux, <c>TCP_USER_TIMEOUT</c> bounds how long the client's system may leave data unacknowledged.</item>
    /// <item>HTTP/2 pings (<see cref="Http2Limits.KeepAlivePingDelay"/>) ask the client itself, unless the app has turned them on.</item>
    /// </list>
    /// <para>
    /// A client that is there and does not read is cut as well. If data waits, and the client makes no room during a third of the timeout
    /// (5 s by default), Linux ends the connection. <see cref="EventStreamOptions.WriteTimeout"/> does not come into play then. A download
    /// that its user has paused is such a client. Choose a longer timeout for a server that also has those.
    /// </para>
    /// <para>
    /// Probes cost a phone its battery: at intervals below about ten seconds its radio does not sleep. An idle connection costs two packets
    /// for each probe. Other systems than Linux have the probes and the pings alone, and no test runs there. Nothing changes for HTTP/3,
    /// Unix domain sockets, named pipes, HTTP.sys, IIS and TestServer. Behind a proxy the client is the proxy, which must notice its own
    /// clients.
    /// </para>
    /// </remarks>
    /// <param name="builder">The web host: <c>builder.WebHost</c>.</param>
    /// <param name="timeout">
    /// How long it may take, at most, until the server notices; from 10 seconds to 1 hour. Null, the default, is 15 seconds. The last call
    /// counts.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of its range.</exception>
    public static IWebHostBuilder UseDeadPeerDetection(this IWebHostBuilder builder, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var times = new DeadPeerTimes(timeout ?? DeadPeerTimes.Default);
        return builder.ConfigureServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton(times));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SocketTransportOptions>, DeadPeerProbes>());
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<KestrelServerOptions>, DeadPeerPings>());
        });
    }

    /// <summary>Lets Kestrel send on a connection's socket in the call that flushes, without a hop to another thread.</summary>
    /// <remarks>
    /// <para>
    /// <b>It concerns the whole server:</b> every TCP and Unix socket of Kestrel, whatever it is used for, also below TLS and with HTTP/2.
    /// A message to a thousand subscribers then costs less than the least that Kestrel needs for it otherwise. The promises of a flush stay
    /// as they are: what the socket does not take at once waits in a buffer of
    /// <see cref="SocketTransportOptions.MaxWriteBufferSize"/> bytes, and only a flush beyond that waits.
    /// </para>
    /// <para>
    /// Nothing changes for named pipes, HTTP/3, HTTP.sys, IIS and TestServer. The app's own transport
    /// (<see cref="IConnectionListenerFactory"/>) stays as it is, because it may do more than send. If no endpoint is a socket of Kestrel's
    /// own transport, one log entry says so when the app has started.
    /// </para>
    /// </remarks>
    /// <param name="builder">The web host: <c>builder.WebHost</c>.</param>
    public static IWebHostBuilder UseDirectOutput(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services => services.AddDirectOutput());
    }

    /// <summary>Lets the messages of a channel leave to many subscribers in one system call, by Linux's io_uring.</summary>
    /// <remarks>
    /// It calls <see cref="UseDirectOutput"/>. The subscribers of a channel are served by a few threads. Each submits the sends to its
    /// subscribers together, up to 128 at a time. No send waits in the kernel, and no native library is needed. A filter of the app that
    /// blocks holds back what waits to be submitted. Where the kernel or the container does not allow io_uring, one log entry says so at
    /// the first message, and each flush is a system call of its own.
    /// </remarks>
    /// <param name="builder">The web host: <c>builder.WebHost</c>.</param>
    public static IWebHostBuilder UseIoUring(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services =>
        {
            services.AddDirectOutput();
            services.TryAddSingleton<SendBatches>();
        });
    }

    private static void AddDirectOutput(this IServiceCollection services)
    {
        if (services.Any(static service => service.ServiceType == typeof(DirectTransport))) return;
        services.AddSingleton<DirectTransport>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DirectOutputNotice>());

        // Kestrel asks the last transport first. So one of the app's own is asked before this one, or not, as without this call.
        var direct = ServiceDescriptor.Singleton<IConnectionListenerFactory>(
            static provider => provider.GetRequiredService<DirectTransport>());
        var sockets = services.FirstOrDefault(static service => service.ServiceType == typeof(IConnectionListenerFactory)
            && service.ImplementationType == typeof(SocketTransportFactory));
        if (sockets is null) services.Insert(0, direct);
        else services[services.IndexOf(sockets)] = direct;
    }

    /// <summary>Protects a server on loopback against web pages of other sites, which reach it by DNS rebinding.</summary>
    /// <remarks>
    /// <para>
    /// <b>It concerns the whole server:</b> every request, before what the app adds to its pipeline. Only startup filters that were
    /// registered earlier run before it, such as that of <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>. A page of any site can make its own
    /// name resolve to 127.0.0.1. Its browser then takes your local server for that site. Call it for a server that only its own machine
    /// uses, and let that server listen on loopback alone. Do not call it for a server that has another name or a proxy in front.
    /// </para>
    /// <para>A request gets 403, with the reason as its body, in two cases:</para>
    /// <list type="bullet">
    /// <item>
    /// Its <c>Host</c> is not <c>localhost</c>, an address of 127.0.0.0/8 in the usual four numbers, or <c>[::1]</c>. Each may have any
    /// port.
    /// </item>
    /// <item>
    /// It has an <c>Origin</c>, and that is neither <c>http</c> or <c>https</c> of such a host nor one of
    /// <paramref name="allowedOrigins"/>. <c>Origin: null</c> is refused: any page can send it, from a frame.
    /// </item>
    /// </list>
    /// <para>
    /// A request without an <c>Origin</c> passes: programs send none, and neither do a page's own GET requests. It is no authentication:
    /// every program and every local page of the machine still reaches the server. An allowed origin still needs a CORS policy of the app.
    /// </para>
    /// </remarks>
    /// <param name="builder">The web host: <c>builder.WebHost</c>.</param>
    /// <param name="allowedOrigins">
    /// Origins of other pages that may use this server, as the browser sends them: <c>https://app.example</c>. None by default. Further
    /// calls add to them.
    /// </param>
    /// <exception cref="ArgumentException">A text is no origin, such as one with a path, a wildcard, or <c>null</c>.</exception>
    public static IWebHostBuilder UseLoopbackProtection(this IWebHostBuilder builder, params string[] allowedOrigins)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(allowedOrigins);
        if (allowedOrigins.FirstOrDefault(static origin => !Origin.IsOrigin(origin)) is { } other)
        {
            throw new ArgumentException(
                $"'{other}' is no origin. Write it as the browser sends it: scheme, host and any port that is not the scheme's own, "
                + "such as https://app.example or http://localhost:3000. It has no path, no slash at its end and no wildcard.",
                nameof(allowedOrigins));
        }

        return builder.ConfigureServices(services =>
        {
            services.Configure<AllowedOrigins>(allowed => allowed.UnionWith(allowedOrigins));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, LoopbackProtection>());
        });
    }
}
