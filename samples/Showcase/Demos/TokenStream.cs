using Microsoft.AspNetCore.Http.HttpResults;
using Showcase.Answers;

namespace Showcase.Demos;

internal static class TokenStream
{
    // A channel for each answer, kept for ten minutes after its last reader;
    // in memory, because the showcase is one process.
    public static void AddTokenStream(this IServiceCollection services)
    {
        services.AddEventStreams().AddChannel("answers/{id}", answer =>
            (answer.IdleTimeout, answer.InMemory) = (TimeSpan.FromMinutes(10), true));
        services.AddSingleton<AccessKeys>();
    }

    public static void MapTokenStream(this IEndpointRouteBuilder app)
    {
        app.MapPost("/answers", Ask);
        app.MapPost("/access-keys", (AccessKeys keys) => new { Key = keys.Make() });
        app.MapEventStream("/answers/{id}", "answers/{id}").AddEndpointFilter(HasKey);
    }

    // A header that an EventSource cannot send. Each request needs its own key.
    private static async ValueTask<object?> HasKey(
        EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        var keys = context.RequestServices.GetRequiredService<AccessKeys>();
        return keys.TryUse(context.Request.Headers["Access-Key"])
            ? await next(call)
            : TypedResults.Unauthorized();
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
