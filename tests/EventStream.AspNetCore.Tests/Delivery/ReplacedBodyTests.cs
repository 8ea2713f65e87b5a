using System.Globalization;
using System.IO.Compression;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Delivery.Outputs;

namespace EventStream.AspNetCore.Tests.Delivery;

/// <summary>Middleware that puts its own stream in the place of the body sees all bytes of it.</summary>
public sealed class ReplacedBodyTests
{
    private static readonly string Expected = string.Concat(
        Enumerable.Range(0, 200).Select(number => $"id: {number}\ndata: message {number}\n\n"));

    public static TheoryData<Output> Each => [.. All];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Wrapper_PassesBytesOn_SeesAllOfThem(Output output)
    {
        var seen = new MemoryStream();
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.Use(async (HttpContext context, RequestDelegate next) =>
                {
                    var body = context.Response.Body;
                    context.Response.Body = new SeeingStream(body, seen);
                    await next(context);
                    context.Response.Body = body;
                });
                app.MapGet("/", () => Results.EventStream(Later(), o => o.Retry = null));
            },
            server: server => server.Use(output));

        var body = await app.Client.GetStringAsync("/").OrFail();

        body.Should().Be(Expected);
        Encoding.UTF8.GetString(seen.ToArray()).Should().Be(Expected);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Each))]
    public async Task Compression_Stream_IsCompressedAsAWhole(Output output)
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseResponseCompression();
                app.MapGet("/", () => Results.EventStream(Later(), o => o.Retry = null));
            },
            services => services.AddResponseCompression(o => o.MimeTypes = ["text/event-stream"]),
            server: server => server.Use(output));
        using var connection = await app.ConnectAsync();
        await connection.SendAsync(Get("/", "Accept: text/event-stream\r\nAccept-Encoding: gzip\r\n"));

        var body = await new ResponseReader(connection).ReadBodyAsync();

        using var plain = new StreamReader(new GZipStream(new MemoryStream(body), CompressionMode.Decompress));
        (await plain.ReadToEndAsync()).Should().Be(Expected);
    }

    // After the response has started, so that messages leave in flushes of their own.
    private static async IAsyncEnumerable<EventStreamMessage> Later()
    {
        await foreach (var message in Numbered.Messages(0, 200))
        {
            if (int.Parse(message.Id!, CultureInfo.InvariantCulture) % 50 == 0) await Task.Delay(1);
            yield return message;
        }
    }

    private sealed class SeeingStream(Stream inner, MemoryStream seen) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            seen.Write(buffer.Span);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
