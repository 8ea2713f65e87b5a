using System.Text;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Tests.Tool.Wire;

/// <summary>Head and body of a response, from bytes that come as they like.</summary>
public sealed class ResponseTests
{
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory(Timeout = 30_000)]
    [InlineData(Chunked + "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\n\r\n", "hello world", "Clean")]
    [InlineData(Chunked + "A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", "0123456789", "Clean")]
    [InlineData(Chunked + "5\r\nhello\r\n", "hello", "Cut")]
    [InlineData(Chunked + "5\r\nhel", "hel", "Cut")]
    [InlineData(Chunked + "5\r\nhello\r\n0\r\n", "hello", "Cut")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", "Clean")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "hel", "Cut")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhello", "hello", "Closed")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "", "Clean")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", "Clean")]
    public async Task Body_HoweverItIsDelimited_IsReadAndItsEndIsKnown(string response, string body, string end)
    {
        foreach (var step in new[] { 1, 3, response.Length })
        {
            var input = new ByteInput(new Dripping(response, step));
            var reader = new ResponseBody(input, await ResponseHead.ReadAsync(input));

            (await ReadAsync(reader)).Should().Be(body, "the bytes came {0} at a time", step);
            reader.End.ToString().Should().Be(end);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Body_ChunkWhoseEndIsNotThereYet_IsReadAnyway()
    {
        var input = new ByteInput(new Dripping(Chunked + "5\r\nhello", int.MaxValue, isEndless: true));
        var reader = new ResponseBody(input, await ResponseHead.ReadAsync(input));
        var buffer = new byte[100];

        var count = await reader.ReadAsync(buffer).AsTask().OrFail("the bytes of the chunk");

        Encoding.UTF8.GetString(buffer, 0, count).Should().Be("hello");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("zz\r\n")]
    [InlineData("-5\r\n")]
    [InlineData("2\r\nhello\r\n")]
    public async Task Body_ChunkIsMalformed_IsSaid(string chunk)
    {
        var input = new ByteInput(new Dripping(Chunked + chunk, int.MaxValue));
        var reader = new ResponseBody(input, await ResponseHead.ReadAsync(input));

        await reader.Invoking(ReadAsync).Should().ThrowAsync<InvalidDataException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_Headers_AreFoundByAnyCaseAndJoined()
    {
        var head = await ResponseHead.ReadAsync(
            new(new Dripping("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\ncache-control:no-transform \r\nX-Empty:\r\n\r\n", 7)));

        head.Status.Should().Be(200);
        head.Header("CACHE-CONTROL").Should().Be("no-store, no-transform");
        head.Header("X-Empty").Should().BeEmpty();
        head.Header("X-Missing").Should().BeNull();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("HTTP/1.1 abc\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    public async Task Head_NoHttp_IsSaid(string text)
    {
        var reading = () => ResponseHead.ReadAsync(new(new Dripping(text, int.MaxValue)));

        await reading.Should().ThrowAsync<InvalidDataException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_ConnectionEnds_IsNoHead()
    {
        var reading = () => ResponseHead.ReadAsync(new(new Dripping("HTTP/1.1 200 OK\r\nCache-", int.MaxValue)));

        await reading.Should().ThrowAsync<EndOfStreamException>();
    }

    private static async Task<string> ReadAsync(ResponseBody body)
    {
        var (text, buffer) = (new StringBuilder(), new byte[100]);
        for (var count = await body.ReadAsync(buffer); count > 0; count = await body.ReadAsync(buffer))
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
