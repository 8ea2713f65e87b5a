using Microsoft.AspNetCore.Http.HttpResults;
using Showcase.Jobs;

namespace Showcase.Demos;

internal static class JobProgress
{
    private static readonly EventStreamMessage Done =
        new() { Event = "done", Data = "done" };

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
            lastEventId => StepsAfter(lastEventId, job),
            options => options.EndOfStream = Done);
    }

    private static IAsyncEnumerable<EventStreamMessage> StepsAfter(
        string? lastEventId, Job job)
    {
        _ = uint.TryParse(lastEventId, out var seen);
        return job.StepsAfter(seen).Select(step =>
            EventStreamMessage.Json(step) with { Id = $"{step.Number}" });
    }

    private sealed record StartedJob(string Id);
}
