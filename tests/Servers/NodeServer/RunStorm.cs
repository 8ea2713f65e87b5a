using System.Collections.Concurrent;
using System.Diagnostics;

/// <summary>Runs of numbered messages, which any node starts, joins, reads and stops.</summary>
/// <remarks>The data of each message is its number and the name of its producer, so that a record shows who has written it.</remarks>
internal static class RunStorm
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // When the producers of this node were told to stop, or have ended, by their channels: the machine's monotonic clock.
    private static readonly ConcurrentDictionary<string, long> StoppedAt = [];

    public static void MapRuns(this WebApplication app)
    {
        app.MapGet("/runs/{id}", (string id, int messages, bool takesOver, EventStreamHub hub) =>
            Results.EventStream(() => Run(hub, id, messages, takesOver)));
        app.MapPost("/runs/{id}", async (string id, int messages, bool takesOver, EventStreamHub hub) =>
            (await Run(hub, id, messages, takesOver).StartAsync()).IsNew);
        app.MapPost("/runs/{id}/stop", async (string id, EventStreamHub hub) =>
        {
            var begin = Stopwatch.GetTimestamp();
            await hub.StopRunAsync($"runs/{id}");
            return begin;
        });
        app.MapGet("/runs/{id}/stopped", (string id) => StoppedAt.TryGetValue($"runs/{id}", out var at) ? at : 0);
        app.MapGet("/runs", async (EventStreamHub hub) => (await hub.ListRunsAsync()).Select(run => run.Channel.Name));
    }

    private static EventStreamRunRequest Run(EventStreamHub hub, string id, int messages, bool takesOver) =>
        hub.Run($"runs/{id}", context => Numbers(context, messages), new() { TakeOver = takesOver });

    private static async IAsyncEnumerable<EventStreamMessage> Numbers(EventStreamRunContext context, int messages)
    {
        var producer = $"{Guid.NewGuid():N}";
        await using var stop = context.Stop.Register(NoteStop);
        try
        {
            for (var number = context.Messages + 1; number <= messages; number++)
            {
                yield return new() { Data = $"{number} {producer}" };
                await Task.Delay(Interval, context.Stop);
            }
        }
        finally
        {
            NoteStop();
        }

        void NoteStop() => StoppedAt.TryAdd(context.Channel.Name, Stopwatch.GetTimestamp());
    }
}
