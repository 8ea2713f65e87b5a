using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class HeadersTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_SourceHasNoMessageYet_HeadersLeaveAtOnce(bool http2)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever())), http2: http2);

        using var stream = await app.OpenAsync("/");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        stream.Header("Content-Type").Should().Be("text/event-stream");
        stream.Header("Cache-Control").Should().Be("no-cache, no-store, no-transform");
        stream.Header("X-Accel-Buffering").Should().Be("no");
        stream.Header("Connection").Should().BeNull();
        stream.Header("Content-Encoding").Should().BeNull();
        stream.Header("Content-Length").Should().BeNull();
        (await stream.ReadRetryAsync()).Should().BeInRange(3000, 4500);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_NoRetryAndNoMessage_HeadersLeaveAtOnce()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), o => o.Retry = null)));

        using var stream = await app.OpenAsync("/");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_SourceEnds_MessagesAndCleanEnd()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(0, 3))));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadMessagesToEndAsync())
            .Should().Be("id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_CallbackOfTheAppHoldsTheHeaders_MessagesThatAreReadyFollow(bool http2)
    {
        var isHeld = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.Use(async (HttpContext context, RequestDelegate next) =>
                {
                    // It returns to here when it waits for the callback.
                    var running = next(context);
                    isHeld.TrySetResult();
                    await running;
                });
                app.UseRouting();
                app.MapGet("/", (HttpContext context) =>
                {
                    context.Response.OnStarting(() => goOn.Task);
                    return Results.EventStream(Numbered.Messages(0, 3));
                });
            },
            http2: http2);
        var opening = app.OpenAsync("/");
        await isHeld.Task.OrFail();

        goOn.SetResult();

        using var stream = await opening;
        (await stream.ReadMessagesToEndAsync())
            .Should().Be("id: 0\ndata: message 0\n\nid: 1\ndata: message 1\n\nid: 2\ndata: message 2\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_HandlerSetStatusAndHeaders_TheyAreKept()
    {
        await using var app = await TestApp.StartAsync(app => app.MapPost("/", (HttpContext context) =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers.Location = "/jobs/1";
            context.Response.Headers.CacheControl = "private, no-store";
            context.Response.Headers["X-Accel-Buffering"] = "yes";
            context.Response.ContentLength = 12;
            return Results.EventStream(Numbered.Messages(0, 1));
        }));

        using var stream = await app.OpenAsync("/", change: request => request.Method = HttpMethod.Post);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Created);
        stream.Header("Location").Should().Be("/jobs/1");
        stream.Header("Cache-Control").Should().Be("private, no-store");
        stream.Header("X-Accel-Buffering").Should().Be("yes");
        stream.Header("Content-Length").Should().BeNull("a stream has no length");
        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 0\ndata: message 0\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_HandlerSetAnotherContentType_IsRefusedWithTheReason()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Response.ContentType = "text/plain";
            return Results.EventStream(Silent.Forever());
        }));

        using var response = await app.Client.GetAsync("/").OrFail();

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("'text/plain'")
            .And.Contain("'text/event-stream'");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Open_HandlerSetAStatusWithoutBody_IsRefusedWithTheReason(int status)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            context.Response.StatusCode = status;
            return Results.EventStream(Silent.Forever());
        }));

        using var response = await app.Client.GetAsync("/").OrFail();

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain($"{status}");
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_IsMapped_HeadersWithoutPullingTheSource()
    {
        var pulled = false;
        await using var app = await TestApp.StartAsync(app => app.MapMethods("/", ["GET", "HEAD"], () => Results.EventStream(lastEventId =>
        {
            pulled = true;
            return Silent.Forever();
        })));
        using var request = new HttpRequestMessage(HttpMethod.Head, "/");

        using var response = await app.Client.SendAsync(request).OrFail();

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream");
        pulled.Should().BeFalse();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Open_WithARealBody_BodyIsReadAndItsEndIsNoDisconnect(string method)
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapMethods("/", [method], (List<string> words) => Results.EventStream(Words(words))));
        var words = Enumerable.Range(0, 2000).Select(number => $"word{number}").ToList();

        using var stream = await app.OpenAsync("/", change: request =>
        {
            request.Method = new(method);
            request.Content = JsonContent.Create(words);
        });

        (await stream.ReadMessagesToEndAsync()).Should().Be(string.Concat(words.Select(word => $"data: {word}\n\n")));

        static async IAsyncEnumerable<string> Words(List<string> words)
        {
            foreach (var word in words)
            {
                await Task.Yield();
                yield return word;
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Open_SourceUsesAScopedService_ItLivesAsLongAsTheStream()
    {
        var go = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", (Scoped scoped) => Results.EventStream(Reporting(scoped, go.Task))),
            services => services.AddScoped<Scoped>());
        using var stream = await app.OpenAsync("/");
        await stream.ReadRetryAsync();

        go.SetResult();

        (await stream.ReadToEndAsync()).Should().Be("data: alive\n\n");

        static async IAsyncEnumerable<string> Reporting(Scoped scoped, Task go)
        {
            await go;
            yield return scoped.IsDisposed ? "disposed" : "alive";
        }
    }

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
