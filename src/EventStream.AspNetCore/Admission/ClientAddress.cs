using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Admission;

/// <summary>Finds the network address whose streams count together.</summary>
internal static class ClientAddress
{
    /// <summary>Gets the address of a request as a number; null if it has none, as over a Unix socket.</summary>
    /// <remarks>
    /// An IPv4 address, also one that is mapped to IPv6, is itself. An IPv6 address is its first 64 bits. Providers give each client a
    /// network of that size, and the client may use every address in it.
    /// </remarks>
    public static ulong? Of(HttpContext context)
    {
        // Not by context.Connection, whose object would live as long as the stream.
        if (context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress is not { } address) return null;
        return NumberOf(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }

    private static ulong NumberOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
