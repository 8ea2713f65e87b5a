using System.Net;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>
/// Sequences whose items are declared as objects: text goes out as it is, and a frame does not become JSON, in neither answer.
/// </summary>
public sealed class ObjectTests
{
    private const string Stream = "data: a \"text\"\n\ndata: {\"number\":1,\"title\":\"first\"}\n\n";

    [Theory(Timeout = 30_000)]
    [InlineData("/minimal/objects")]
    [InlineData("/mvc/objects")]
    public async Task Get_TextDeclaredAsObject_TextInTheStreamAndJsonInTheArray(string path)
    {
        await using var app = await StartAsync();

        using var array = await app.AskAsync(path, "application/json");
        using var stream = await app.AskAsync(path, "text/event-stream");

        (await array.ReadToEndAsync()).Should().Be("""["a \"text\"",{"number":1,"title":"first"}]""");
        stream.Header("X-Event-Data-Mimetype").Should().BeNull();
        (await stream.ReadMessagesToEndAsync()).Should().Be(Stream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/minimal/messages", "EventStreamMessage is a frame")]
    [InlineData("/minimal/items", "SseItem")]
    [InlineData("/minimal/nullable", "EventStreamMessage is a frame")]
    [InlineData("/mvc/messages", "EventStreamMessage is a frame")]
    [InlineData("/mvc/items", "SseItem")]
    public async Task Get_FramesDeclaredAsObjects_RefusedInBothAnswers(string path, string reason)
    {
        await using var app = await StartAsync();

        foreach (var accept in (string[])["application/json", "text/event-stream"])
        {
            using var answer = await app.AskAsync(path, accept);

            answer.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError, accept);
            (await answer.ReadToEndAsync()).Should().BeEmpty();
        }

        app.Log.AtLeast(LogLevel.Error).Should().HaveCount(2).And.OnlyContain(entry => entry.Exception!.Message.Contains(reason));
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.MapGet("/minimal/objects", () => Objects()).WithEventStreamNegotiation();
            app.MapGet("/minimal/messages", () => Of<object>(new EventStreamMessage { Data = "a" })).WithEventStreamNegotiation<object>();
            app.MapGet("/minimal/items", () => Of<object>(new SseItem<string>("a"))).WithEventStreamNegotiation();
            app.MapGet("/minimal/nullable", () => Of<EventStreamMessage?>(null, null)).WithEventStreamNegotiation();
            app.MapControllers();
        },
        services => services.AddController<ObjectsController>().AddEventStreamFormatter());

    private static IAsyncEnumerable<object> Objects() => Of<object>("a \"text\"", new Report { Number = 1, Title = "first" });

    private static async IAsyncEnumerable<T> Of<T>(params T[] items)
    {
        foreach (var item in items) yield return item;
        await Task.CompletedTask;
    }

    [ApiController]
    public sealed class ObjectsController : ControllerBase
    {
        [HttpGet("/mvc/objects")]
        public IAsyncEnumerable<object> GetObjects() => Objects();

        [HttpGet("/mvc/messages")]
        public IAsyncEnumerable<object> GetMessages() => Of<object>(new EventStreamMessage { Data = "a" });

        [HttpGet("/mvc/items")]
        public IAsyncEnumerable<object> GetItems() => Of<object>(new SseItem<string>("a"));
    }
}
