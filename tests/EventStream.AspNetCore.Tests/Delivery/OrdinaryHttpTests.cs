using System.Buffers;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Http.Features;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Requests and responses of HTTP/1, with and without streams beside them on the same connection.</summary>
public sealed class OrdinaryHttpTests
{
    private const string Three = "id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n";
    private const string Accepting = "Accept: text/event-stream\r\n";
    private static readonly byte[] Large = Random(5_000_000);

    public static TheoryData<Output> Each => [.. All];

    public static MatrixTheoryData<Output, string> EachWay => new(All, ["length", "chunks", "memory", "pieces", "stream"]);

    public static MatrixTheoryData<Output, bool> WithOrWithout => new(All, [false, true]);

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Pipelining_StreamThatEndsAndThreeRequests_ResponsesFollowEachOther(Output output)
    {
        await using var app = await StartAsync(output);
        using var connection = await app.ConnectAsync();
        var reader = new ResponseReader(connection);

        await connection.SendAsync(Get("/text") + Get("/stream", Accepting) + Get("/text") + Get("/stream", Accepting));

        (await reader.ReadTextAsync()).Should().Be("hello");
        (await reader.ReadTextAsync()).Should().Be(Three);
        (await reader.ReadTextAsync()).Should().Be("hello");
        (await reader.ReadTextAsync()).Should().Be(Three);
        await connection.SendAsync(Get("/text"));
        (await reader.ReadTextAsync()).Should().Be("hello", "the connection is kept alive");
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(EachWay))]
    public async Task Large_WrittenInEachWay_IsExactAndTheConnectionIsKept(Output output, string way)
    {
        await using var app = await StartAsync(output);
        using var connection = await app.ConnectAsync();
        var reader = new ResponseReader(connection);

        await connection.SendAsync(Get($"/large/{way}") + Get("/text"));

        (await reader.ReadBodyAsync()).AsSpan().SequenceEqual(Large).Should().BeTrue();
        (await reader.ReadTextAsync()).Should().Be("hello");
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(WithOrWithout))]
    public async Task Echo_BodyThroughTinyBuffers_IsExactAndTheConnectionIsKept(Output output, bool expectsContinue)
    {
        await using var app = await StartAsync(output, server => server.UseTinyBuffers());
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var reader = new ResponseReader(connection);
        var body = Large.AsMemory(0, 500_000);
        var expect = expectsContinue ? "Expect: 100-continue\r\n" : "";

        await connection.SendAsync($"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n{expect}\r\n");
        if (expectsContinue) (await reader.ReadHeadAsync()).Should().Be("HTTP/1.1 100 Continue\r\n");
        var sending = SendInPiecesAsync(connection, body);

        (await reader.ReadBodyAsync()).AsSpan().SequenceEqual(body.Span).Should().BeTrue();
        await sending.OrFail();
        await connection.SendAsync(Get("/text"));
        (await reader.ReadTextAsync()).Should().Be("hello");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task UnreadBody_BeforeAStreamOfAndAfterIt_IsSkipped(Output output)
    {
        await using var app = await StartAsync(output);
        using var connection = await app.ConnectAsync();
        var reader = new ResponseReader(connection);
        var body = $"Content-Length: 20000\r\n\r\n{new string('x', 20_000)}";

        await connection.SendAsync($"POST /text HTTP/1.1\r\nHost: localhost\r\n{body}" + Get("/stream", Accepting));
        (await reader.ReadTextAsync()).Should().Be("hello");
        (await reader.ReadTextAsync()).Should().Be(Three);

        await connection.SendAsync($"POST /stream HTTP/1.1\r\nHost: localhost\r\n{Accepting}{body}" + Get("/text"));
        (await reader.ReadTextAsync()).Should().Be(Three);
        (await reader.ReadTextAsync()).Should().Be("hello");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task ExpectContinue_StreamThatReadsNoBody_IsExact(Output output)
    {
        await using var app = await StartAsync(output);
        using var connection = await app.ConnectAsync();
        var reader = new ResponseReader(connection);

        await connection.SendAsync(
            $"POST /stream HTTP/1.1\r\nHost: localhost\r\n{Accepting}Expect: 100-continue\r\nContent-Length: 10\r\n\r\n");

        (await reader.ReadTextAsync()).Should().Be(Three);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Head_OfStreamsAndOfAText_HasNoBody(Output output)
    {
        await using var app = await StartAsync(output);
        using var connection = await app.ConnectAsync();
        var reader = new ResponseReader(connection);

        foreach (var path in (string[])["/stream", "/stream/waiting", "/text"])
        {
            await connection.SendAsync($"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n{Accepting}\r\n" + Get("/text"));

            (await reader.ReadHeadAsync()).Should().StartWith("HTTP/1.1 200 OK\r\n");
            (await reader.ReadTextAsync()).Should().Be("hello", "it follows the head");
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Http10_Stream_IsPlainBytesUntilTheClose(Output output)
    {
        await using var app = await StartAsync(output);
        using var connection = await app.ConnectAsync();
        var reader = new ResponseReader(connection);

        await connection.SendAsync($"GET /stream HTTP/1.0\r\n{Accepting}\r\n");

        (await reader.ReadHeadAsync()).Should().NotContain("Transfer-Encoding");
        Encoding.UTF8.GetString(await reader.ReadToEndAsync()).Should().Be(Three);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task ConnectionClose_StreamAndLargeResponse_AllArrivesBeforeTheClose(Output output)
    {
        await using var app = await StartAsync(output);
        foreach (var (path, body) in ((string, byte[])[])[("/stream", Encoding.UTF8.GetBytes(Three)), ("/large/length", Large)])
        {
            using var connection = await app.ConnectAsync();
            var reader = new ResponseReader(connection);

            await connection.SendAsync(Get(path, $"{Accepting}Connection: close\r\n"));

            (await reader.ReadBodyAsync()).AsSpan().SequenceEqual(body).Should().BeTrue();
            (await reader.ReadToEndAsync()).Should().BeEmpty();
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task ConnectionClose_ClientReadsSlowly_WhatTheServerStillHoldsArrivesBeforeTheClose(Output output)
    {
        await using var app = await StartAsync(output, server => server.UseTinyBuffers(limit: 1_000_000));
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var reader = new ResponseReader(connection, before: () => Task.Delay(1));

        // The server has finished the response long before the client has read it.
        await connection.SendAsync(Get("/small", "Connection: close\r\n"));

        (await reader.ReadBodyAsync()).Should().Equal(Large[..300_000]);
        (await reader.ReadToEndAsync()).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Upgrade_BytesBothWaysThroughTinyBuffers_AreExact(Output output)
    {
        await using var app = await StartAsync(output, server => server.UseTinyBuffers());
        using var connection = await app.ConnectAsync(receiveBuffer: 4096);
        var reader = new ResponseReader(connection);

        await connection.SendAsync(Get("/upgrade", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
        (await reader.ReadHeadAsync()).Should().StartWith("HTTP/1.1 101 ");
        var bytes = Large.AsMemory(0, 500_000);
        var sending = SendInPiecesAsync(connection, bytes);

        (await reader.ReadAsync(bytes.Length)).AsSpan().SequenceEqual(bytes.Span).Should().BeTrue();
        await sending.OrFail();
        connection.EndSending();
        (await reader.ReadToEndAsync()).Should().BeEmpty();
    }

    /// <summary>Sends bytes in pieces below and above the size of a block, as which the server sends them back.</summary>
    private static async Task SendInPiecesAsync(RawConnection connection, ReadOnlyMemory<byte> bytes)
    {
        var random = new Random(18);
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, random.Next(1, 8000));
            (await connection.SendAsync(bytes[..count])).Should().BeTrue();
            bytes = bytes[count..];
        }
    }

    private static byte[] Random(int count)
    {
        var bytes = new byte[count];
        new Random(18).NextBytes(bytes);
        return bytes;
    }

    private static Task<TestApp> StartAsync(Output output, Action<IWebHostBuilder>? server = null) => TestApp.StartAsync(
        app =>
        {
            app.Map("/text", () => "hello");
            app.Map("/stream", () => Results.EventStream(Numbered.Messages(0, 3), o => o.Retry = null));
            app.Map("/stream/waiting", () => Results.EventStream(WaitingMessagesAsync(), o => o.Retry = null));
            app.MapGet("/large/{way}", WriteLargeAsync);
            app.MapGet("/small", () => Results.Bytes(Large[..300_000]));
            app.MapPost("/echo", EchoAsync);
            app.MapGet("/upgrade", UpgradeAsync);
        },
        server: builder =>
        {
            builder.Use(output).ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
            server?.Invoke(builder);
        });

    /// <summary>Makes messages that the stream has to wait for, so that each is a flush after the start of the response.</summary>
    private static async IAsyncEnumerable<EventStreamMessage> WaitingMessagesAsync()
    {
        for (var number = 0; number < 3; number++)
        {
            await Task.Delay(1);
            yield return new() { Data = $"{number}" };
        }
    }

    private static async Task WriteLargeAsync(HttpResponse response, string way)
    {
        var writer = response.BodyWriter;
        switch (way)
        {
            case "length":
                response.ContentLength = Large.Length;
                await response.Body.WriteAsync(Large);
                break;
            case "chunks":
                await writer.WriteAsync(Large);
                break;
            case "memory":
                var random = new Random(4096);
                for (var at = 0; at < Large.Length;)
                {
                    // Below and above the 4 KB of a block, and with less and more than was asked for.
                    var count = Math.Min(Large.Length - at, random.Next(1, 3) == 1 ? random.Next(1, 200) : random.Next(1, 20_000));
                    Large.AsSpan(at, count).CopyTo(writer.GetSpan(count));
                    writer.Advance(count);
                    at += count;
                    if (random.Next(8) == 0) await writer.FlushAsync();
                }

                break;
            case "pieces":
                for (var at = 0; at < Large.Length; at += 12_500)
                {
                    writer.Write(Large.AsSpan(at, 5000));
                    await writer.WriteAsync(Large.AsMemory(at + 5000, 7500));
                }

                break;
            default:
                for (var at = 0; at < Large.Length; at += 1000)
                {
                    await response.Body.WriteAsync(Large.AsMemory(at, 1000));
                    if (at % 7000 == 0) await response.Body.FlushAsync();
                }

                break;
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentLength = context.Request.ContentLength;
        await context.Request.Body.CopyToAsync(context.Response.Body);
    }

    private static async Task UpgradeAsync(HttpContext context)
    {
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        await stream.CopyToAsync(stream);
    }
}
