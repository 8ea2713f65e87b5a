using Microsoft.AspNetCore.Http.HttpResults;
using Showcase.Answers;

namespace Showcase.Demos;

internal static class TokenStream
{
    // A channel for each answer, kept for ten minutes after its last reader;
    // in memory, because the showcase is one process.
    public static void AddTokenStream(this IServiceCollection services) =>
        services.AddEventStreams().AddChannel("answers/{id}", answer =>
            (answer.IdleTimeout, answer.InMemory) = (TimeSpan.FromMinutes(10), true));

    public static void MapTokenStream(this IEndpointRouteBuilder app)
    {
        app.MapPost("/answers", Ask);

        // A reloaded page has a new EventSource, and that can set no header.
        app.MapEventStream("/answers/{id}", "answers/{id}", options =>
            options.LastEventIdQueryParameter = "lastEventId");
    }

    // The run continues after this request, and without any reader.
    private static async Task<Results<Accepted<Answer>, BadRequest>> Ask(
        Question question, EventStreamHub hub)
    {
        if (question.Text is not { Length: > 0 and <= 200 } text)
            return TypedResults.BadRequest();

        var id = Guid.NewGuid().ToString("N")[..12];
        var run = hub.Run($"answers/{id}", (services, stop) => FakeModel.AnswerAsync(
            text, services.GetRequiredService<Pace>(), stop));
        await run.StartAsync();
        return TypedResults.Accepted($"/answers/{id}", new Answer(id));
    }

    private sealed record Question(string? Text);

    private sealed record Answer(string Id);
}
