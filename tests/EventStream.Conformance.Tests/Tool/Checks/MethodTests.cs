using System.IO.Compression;
using System.Text;
using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>The checks that ask in another way than an <c>EventSource</c>: HEAD, POST, compressed.</summary>
public sealed class MethodTests
{
    private const string Type = "Content-Type: text/event-stream\r\n";

    [Theory(Timeout = 30_000)]
    [InlineData("HTTP/1.1 200 OK\r\n" + Type + "\r\n", "Pass", "200 with the headers of a stream, and no body")]
    [InlineData("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n", "Pass", "405, Allow: GET: it is not offered")]
    [InlineData("HTTP/1.1 405 Method Not Allowed\r\n\r\n", "Lack", "405, no Content-Type")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "Lack", "200, Content-Type: text/html")]
    [InlineData("HTTP/1.1 200 OK\r\n" + Type + "\r\ndata: a\n\n", "Lack", "200 with a body")]
    public async Task Head_Answer_IsJudged(string answer, string verdict, string seen)
    {
        var outcome = await Asked.ByAsync(
            new Head(), exchange => exchange.Method == "HEAD" ? exchange.SendAsync(answer) : Task.CompletedTask);

        outcome.Should().Be(new Outcome(Enum.Parse<Verdict>(verdict), seen));
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_WaitsForTheSource_IsALack() =>
        (await Asked.ByAsync(new Head(), exchange => exchange.LeftAsync(), Asked.Brief))
            .Should().Be(Outcome.Lack("nothing came within 300 ms"));

    [Fact(Timeout = 30_000)]
    public async Task Post_StreamOfMessages_Passes() =>
        (await Asked.ByAsync(new Post(), exchange => exchange.Method == "POST" ? exchange.StreamAsync("data: a\n\n") : Task.CompletedTask))
            .Should().Be(Outcome.Pass("200, and a message"));

    [Fact(Timeout = 30_000)]
    public async Task Post_Refused_IsALack() =>
        (await Asked.ByAsync(new Post(), exchange => exchange.SendAsync("HTTP/1.1 405 Method Not Allowed\r\n\r\n")))
            .Should().Be(Outcome.Lack("/post answered POST with 405, where a stream was expected"));

    [Fact(Timeout = 30_000)]
    public async Task Post_AnotherType_IsALack() =>
        (await Asked.ByAsync(new Post(), exchange => exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]")))
            .Should().Be(Outcome.Lack("/post answered POST with 200, application/json, where a stream was expected"));

    [Theory(Timeout = 30_000)]
    [InlineData("gzip", true, "Pass", "Content-Encoding: gzip, the first message after ")]
    [InlineData("br", true, "Pass", "Content-Encoding: br, the first message after ")]
    [InlineData("gzip", false, "Lack", "Content-Encoding: gzip, no message within 3 s")]
    public async Task Compression_FlushedOrNot_DecidesWhetherTheMessageComes(string encoding, bool isFlushed, string verdict, string seen)
    {
        var outcome = await Asked.ByAsync(
            new Compression(),
            async exchange =>
            {
                await exchange.SendAsync($"HTTP/1.1 200 OK\r\n{Type}Content-Encoding: {encoding}\r\nTransfer-Encoding: chunked\r\n\r\n");
                var compressed = Compressed("data: a\n\n", encoding, isFlushed);
                if (compressed.Length > 0) await exchange.ChunkAsync(compressed);
                await exchange.LeftAsync();
            },
            new() { Message = TimeSpan.FromSeconds(isFlushed ? 10 : 3) });

        outcome.Verdict.ToString().Should().Be(verdict);
        outcome.Seen.Should().StartWith(seen);
    }

    [Fact(Timeout = 30_000)]
    public async Task Compression_WasNotAskedFor_IsALack() =>
        (await Asked.ByAsync(
            new Compression(),
            exchange => exchange.SendAsync($"HTTP/1.1 200 OK\r\n{Type}Content-Encoding: zstd\r\n\r\n")))
            .Should().Be(Outcome.Lack("Content-Encoding: zstd, which was not asked for"));

    private static byte[] Compressed(string text, string encoding, bool isFlushed)
    {
        var bytes = new MemoryStream();
        Stream compressor = encoding == "br"
            ? new BrotliStream(bytes, CompressionMode.Compress, leaveOpen: true)
            : new GZipStream(bytes, CompressionMode.Compress, leaveOpen: true);
        compressor.Write(Encoding.UTF8.GetBytes(text));
        if (isFlushed) compressor.Flush();
        return bytes.ToArray();
    }
}
