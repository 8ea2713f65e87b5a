using System.Net;
using EventStream.AspNetCore.Admission;

namespace EventStream.AspNetCore.Tests.Admission;

/// <summary>Which addresses count as one.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("fe80::1%2", "fe80::1%3", true)]
    [InlineData("192.0.2.7", "2001:db8:0:1::1", false)]
    public void Addresses_OfTwo_CountAsOneOrNot(string first, string second, bool areOne) =>
        (Of(first) == Of(second)).Should().Be(areOne);

    [Fact]
    public void Address_OfARequestWithoutOne_IsNull() => Of(null).Should().BeNull();

    private static ulong? Of(string? address)
    {
        DefaultHttpContext context = new();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        return ClientAddress.Of(context);
    }
}
