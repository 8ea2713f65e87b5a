using Microsoft.AspNetCore.Http.HttpResults;
using Showcase.Jobs;

namespace Showcase.Demos;

internal static class JobProgress
{
    public static void MapJobProgress(this IEndpointRouteBuilder app)
    {
        app.MapPost("/jobs", Start);
        app.MapGet("/jobs/{id}/progress", Watch);
    }

    private static Results<Accepted<StartedJob>, StatusCodeHttpResult> Start(
        JobStore jobs)
    {
        if (!jobs.TryStart(out var job)) return TypedResults.StatusCode(503);
        var progress = $"/jobs/{job.Id}/progress";
        return TypedResults.Accepted(progress, new StartedJob(job.Id));
    }

    // An unknown job is answered before any byte of a stream is sent.
    private static Results<EventStreamResult, NotFound> Watch(
        string id, JobStore jobs)
    {
        if (jobs.Find(id) is not { } job) return TypedResults.NotFound();
        return TypedResults.EventStream(
            lastEventId => StepsAfter(lastEventId, job), Resumable);
    }

    private static IAsyncEnumerable<EventStreamMessage> StepsAfter(
        string? lastEventId, Job job)
    {
        _ = uint.TryParse(lastEventId, out var seen);
        return job.StepsAfter(seen).Select(step =>
            EventStreamMessage.Json(step) with { Id = $"{step.Number}" });
    }

    private static void Resumable(EventStreamOptions options)
    {
        options.EndOfStream = new() { Event = "done", Data = "done" };

        // A reloaded page has a new EventSource, and that can set no header.
        options.LastEventIdQueryParameter = "lastEventId";
    }

    private sealed record StartedJob(string Id);
}
