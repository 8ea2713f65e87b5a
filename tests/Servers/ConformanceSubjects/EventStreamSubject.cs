using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace ConformanceSubjects;

/// <summary>Each role with <c>Results.EventStream</c> and channels, as their users do it.</summary>
internal static class EventStreamSubject
{
    public static WebApplication Build(string url)
    {
        var app = SubjectApp.Build(url, services =>
        {
            services.AddAuthorization();
            services.AddEventStreams(o => (o.KeepAliveInterval, o.WriteTimeout) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)))
                .AddChannel("numbers")
                .AddChannel("few", c => c.Capacity = 16)
                .AddChannel("news");
            services.AddHostedService<NumberPublisher>();
        });
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], () => Results.EventStream(Numbers(int.MaxValue)));
        app.MapPost("/posted", () => Results.EventStream(Numbers(int.MaxValue)));
        app.MapGet("/finite", () => Results.EventStream(Numbers(5), o => o.EndOfStream = new() { Event = "end", Data = "end" }));
        app.MapGet("/cached", () => Results.EventStream(Numbers(600)));
        app.MapGet("/fault", () => Results.EventStream(Failing()));
        app.MapGet("/flood", () => Results.EventStream(Flood()));
        app.MapGet("/echo", (string id) => Results.EventStream(One(new() { Id = id, Data = "echo" })));
        app.MapGet("/comment", () => Results.EventStream(One(new() { Comment = "hello", Data = "after" })));
        app.MapGet("/id-only", () => Results.EventStream(One(new() { Id = "7" })));

        app.MapGet("/silent", () => Results.EventStream(Idle.Until(new EventStreamMessage { Data = "late" })));
        app.MapGet("/leave/items", (RunningSources sources) => Results.EventStream(Idle.Until(new SseItem<string>("late"), sources)));
        app.MapGet("/leave/text", (RunningSources sources) => Results.EventStream(Idle.Until("late", sources)));
        app.MapGet("/leave/values", (RunningSources sources) => Results.EventStream(Idle.Until(new Reading(20), sources)));

        app.MapEventStream("/numbers", "numbers");
        app.MapEventStream("/few", "few");
        app.MapEventStream("/news", "news");
        app.MapPost(
            "/news", async (HttpRequest request, EventStreamHub hub) => await hub.PublishAsync("news", await request.ReadTextAsync()));
        return app;
    }

    private static async IAsyncEnumerable<EventStreamMessage> Numbers(
        int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var number = 1; number <= count; number++)
        {
            yield return new() { Id = $"{number}", Data = $"message {number}" };
            await Task.Delay(5, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<EventStreamMessage> Failing()
    {
        yield return new() { Data = "before" };
        await Task.Yield();
        throw new InvalidOperationException("The source failed.");
    }

    private static async IAsyncEnumerable<EventStreamMessage> Flood([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var data = new string('x', 1000);
        while (!cancellationToken.IsCancellationRequested) yield return new() { Data = data };
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<EventStreamMessage> One(EventStreamMessage message)
    {
        yield return message;
        await Task.CompletedTask;
    }

    private sealed record Reading(double Celsius);
}
