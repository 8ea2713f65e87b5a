using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.WebUtilities;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Middleware that puts its own stream in the place of the response's body.</summary>
public sealed class SwappedBodyTests
{
    private readonly SourcePerRequest _sources = new();

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Swap_StreamPassesFlushesOn_EachMessageArrivesAtOnce(bool withRetry)
    {
        await using var app = await StartAsync(body => new PassingStream(body), withRetry ? null : o => o.Retry = null);

        using var stream = await app.OpenAsync("/");
        var source = await _sources.NextAsync();
        if (withRetry) await stream.ReadRetryAsync();
        for (var number = 0; number < 3; number++) await stream.ShouldPassAtOnceAsync(source, $"message {number}");
        source.Finish();

        (await stream.ReadToEndAsync()).Should().BeEmpty();
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(nameof(MemoryStream))]
    [InlineData(nameof(FileBufferingWriteStream))]
    public async Task Swap_StreamCollects_OneWarningNamesItAndAllArrivesAtTheEnd(string collector)
    {
        await using var app = await StartAsync(
            _ => collector == nameof(MemoryStream) ? new MemoryStream() : new FileBufferingWriteStream());

        for (var client = 0; client < 2; client++)
        {
            var opening = app.OpenAsync("/");
            var source = await _sources.NextAsync();
            await Soon.Until(() => app.Log.AtLeast(LogLevel.Warning).Any());
            source.Send(new() { Data = "late" });
            source.Finish();
            using var stream = await opening;
            (await stream.ReadMessagesToEndAsync()).Should().Be("data: late\n\n");
        }

        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Message
            .Should().Contain("HTTP: GET /").And.Contain(collector);
    }

    private Task<TestApp> StartAsync(Func<Stream, Stream> swap, Action<EventStreamOptions>? configure = null) => TestApp.StartAsync(app =>
    {
        app.Use(async (HttpContext context, RequestDelegate next) =>
        {
            var body = context.Response.Body;
            await using var swapped = swap(body);
            context.Response.Body = swapped;
            await next(context);
            context.Response.Body = body;
            if (swapped is FileBufferingWriteStream file)
            {
                await file.DrainBufferAsync(body);
            }
            else if (swapped is MemoryStream memory)
            {
                memory.Position = 0;
                await memory.CopyToAsync(body);
            }
        });
        app.MapGet("/", () => Results.EventStream(_sources.Open(), configure));
    });
}
