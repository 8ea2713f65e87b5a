using System.Globalization;
using System.Runtime.CompilerServices;

namespace Showcase.Demos;

internal static class Clock
{
    public static void MapClock(this IEndpointRouteBuilder app) =>
        app.MapGet("/clock", (Pace pace) => TypedResults.EventStream(
            Ticks(pace),
            options => options.KeepAliveInterval = 1.5 * pace.Beat));

    private static async IAsyncEnumerable<EventStreamMessage> Ticks(
        Pace pace,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            yield return new() { Event = "tick", Data = TimeOfDay() };
            await pace.WaitAsync(beats: 5, cancellation);
        }
    }

    private static string TimeOfDay() =>
        DateTime.UtcNow.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
