using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Server;

/// <summary>Turns HTTP/2 pings on: they reach the client itself, where a probe may be answered by what carries its connection.</summary>
internal sealed class DeadPeerPings(DeadPeerTimes times) : IPostConfigureOptions<KestrelServerOptions>
{
    public void PostConfigure(string? name, KestrelServerOptions options)
    {
        var limits = options.Limits.Http2;
        // Kestrel's default, and what it makes of an infinite time. Another value is the app's own.
        if (limits.KeepAlivePingDelay != TimeSpan.MaxValue) return;
        limits.KeepAlivePingDelay = times.Silence;
        limits.KeepAlivePingTimeout = times.GiveUp;
    }
}
