using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Responses;

/// <summary>Names of events that the messages of a plain source may have only where its protocol allows them.</summary>
public sealed class ReservedEventTests
{
    private const string First = "data: 1\n\n";

    private static string[] Names => ["error", "open", "stream-gap", "stream-end", "finished", "lost", "hello"];

    public static TheoryData<string, string> Refused
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (var source in (string[])["messages", "items", "formatted"])
            {
                foreach (var name in Names) rows.Add(source, name);
            }

            return rows;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Refused))]
    public async Task Message_ReservedName_IsAFaultThatNamesIt(string source, string name)
    {
        await using var app = await StartAsync(source, o => o.Protocol = Named);
        using var stream = await app.OpenAsync($"/{name}");

        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();

        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any());
        var error = app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!;
        error.Message.Should().Contain($"'{name}'").And.Contain("AllowedEvents");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Refused))]
    public async Task Message_NameIsAllowed_IsSent(string source, string name)
    {
        await using var app = await StartAsync(source, o => o.Protocol = Named with { AllowedEvents = ["x", name] });
        using var stream = await app.OpenAsync($"/{name}");

        (await stream.ReadMessagesToEndAsync()).Should().StartWith(First + $"event: {name}\ndata: 2\n\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("messages")]
    [InlineData("items")]
    [InlineData("formatted")]
    public async Task Message_ReservedNameAndOnErrorSkips_IsLeftOut(string source)
    {
        await using var app = await StartAsync(source, o => o.OnError = _ => EventStreamErrorAction.Skip);
        using var stream = await app.OpenAsync("/error");

        (await stream.ReadMessagesToEndAsync()).Should().Be(First + "data: 3\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Message_ForgesTheEndOfTheOptions_IsAFault()
    {
        await using var app = await StartAsync("messages", o => o.EndOfStream = new() { Event = "bye", Data = "" });
        using var stream = await app.OpenAsync("/bye");

        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("error")]
    [InlineData("stream-end")]
    public async Task EndWith_AnyName_IsTheLastMessageOfACleanEnd(string name)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            Throwing(), o => o.OnError = _ => EventStreamErrorAction.EndWith(new() { Event = name, Data = "failed" }))));
        using var stream = await app.OpenAsync("/");

        (await stream.ReadMessagesToEndAsync()).Should().Be(First + $"event: {name}\ndata: failed\n\n");
    }

    private static EventStreamProtocol Named { get; } = new()
    {
        First = new("hello", _ => ""),
        Gap = new("lost", _ => ""),
        End = new("finished", _ => ""),
    };

    private static Task<TestApp> StartAsync(string source, Action<EventStreamOptions> options) => TestApp.StartAsync(
        app =>
        {
            if (source == "formatted") app.MapControllers();
            else if (source == "items") app.MapGet("/{name}", (string name) => Results.EventStream(Items(name)));
            else app.MapGet("/{name}", (string name) => Results.EventStream(Messages(name)));
        },
        services =>
        {
            services.AddEventStreams(options);
            services.AddController<ItemsController>().AddEventStreamFormatter();
        });

    private static async IAsyncEnumerable<EventStreamMessage> Messages(string name)
    {
        yield return new() { Data = "1" };
        await Task.Yield();
        yield return new() { Event = name, Data = "2" };
        yield return new() { Data = "3" };
    }

    private static async IAsyncEnumerable<SseItem<int>> Items(string name)
    {
        yield return new(1);
        await Task.Yield();
        yield return new(2, name);
        yield return new(3);
    }

    private static async IAsyncEnumerable<EventStreamMessage> Throwing()
    {
        yield return new() { Data = "1" };
        await Task.Yield();
        throw new InvalidTimeZoneException();
    }

    [ApiController]
    public sealed class ItemsController : ControllerBase
    {
        [HttpGet("/{name}")]
        public IAsyncEnumerable<SseItem<int>> Get(string name) => Items(name);
    }
}
