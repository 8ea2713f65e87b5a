using System.Text;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Tests.Tool.Wire;

public sealed class RequestTests
{
    [Fact(Timeout = 30_000)]
    public void Bytes_Get_AreThoseOfAnEventSource()
    {
        var request = new Request(new("http://server:81/path?q=1#part"))
        {
            LastEventId = "7",
            Headers = [new("Authorization", "Bearer x")],
        };

        Encoding.UTF8.GetString(request.ToBytes()).Should().Be(
            "GET /path?q=1 HTTP/1.1\r\nHost: server:81\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\nAuthorization: Bearer "
            + "x\r\nLast-Event-ID: 7\r\n\r\n");
    }

    [Fact(Timeout = 30_000)]
    public void Bytes_PostWithoutAPosition_HaveALengthAndNoPosition() =>
        Encoding.UTF8.GetString((new Request(new("http://server/")) { Method = "POST" }).ToBytes())
            .Should().StartWith("POST / HTTP/1.1\r\n").And.Contain("\r\nContent-Length: 0\r\n").And.NotContain("Last-Event-ID");
}
