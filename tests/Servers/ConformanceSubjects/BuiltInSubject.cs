using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ConformanceSubjects;

/// <summary>Each role with <c>TypedResults.ServerSentEvents</c>, as its users do it, or the best that it permits.</summary>
internal static class BuiltInSubject
{
    public static WebApplication Build(string url)
    {
        var app = SubjectApp.Build(url);
        app.MapGet("/", () => TypedResults.ServerSentEvents(Numbers(int.MaxValue)));
        app.MapPost("/posted", () => TypedResults.ServerSentEvents(Numbers(int.MaxValue)));
        app.MapGet("/finite", () => TypedResults.ServerSentEvents(Numbers(5)));
        app.MapGet("/cached", () => TypedResults.ServerSentEvents(Numbers(600)));
        app.MapGet("/fault", () => TypedResults.ServerSentEvents(Failing()));
        app.MapGet("/flood", () => TypedResults.ServerSentEvents(Flood()));
        app.MapGet("/echo", (string id) => TypedResults.ServerSentEvents(One(new SseItem<string>("echo") { EventId = id })));

        // What is made to look like a comment, and a message as empty as it can be.
        app.MapGet("/comment", () => TypedResults.ServerSentEvents(One(new SseItem<string>(": hello"))));
        app.MapGet("/id-only", () => TypedResults.ServerSentEvents(One(new SseItem<string?>(null) { EventId = "7" })));

        app.MapGet("/silent", () => TypedResults.ServerSentEvents(Idle.Until(new SseItem<string>("late"))));
        app.MapGet(
            "/leave/items", (RunningSources sources) => TypedResults.ServerSentEvents(Idle.Until(new SseItem<string>("late"), sources)));
        app.MapGet("/leave/text", (RunningSources sources) => TypedResults.ServerSentEvents(Idle.Until("late", sources)));
        app.MapGet("/leave/values", (RunningSources sources) => TypedResults.ServerSentEvents(Idle.Until(new Reading(20), sources)));

        var news = Channel.CreateUnbounded<string>();
        app.MapGet("/news", () => TypedResults.ServerSentEvents(news.Reader.ReadAllAsync()));
        app.MapPost("/news", async (HttpRequest request) => await news.Writer.WriteAsync(await request.ReadTextAsync()));
        return app;
    }

    private static async IAsyncEnumerable<SseItem<string>> Numbers(
        int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var number = 1; number <= count; number++)
        {
            yield return new SseItem<string>($"message {number}") { EventId = $"{number}" };
            await Task.Delay(5, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> Failing()
    {
        yield return new SseItem<string>("before");
        await Task.Yield();
        throw new InvalidOperationException("The source failed.");
    }

    private static async IAsyncEnumerable<SseItem<string>> Flood([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var data = new string('x', 1000);
        while (!cancellationToken.IsCancellationRequested) yield return new SseItem<string>(data);
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<SseItem<T>> One<T>(SseItem<T> item)
    {
        yield return item;
        await Task.CompletedTask;
    }

    private sealed record Reading(double Celsius);
}
