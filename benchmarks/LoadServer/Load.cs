using System.Diagnostics;
using System.Net.ServerSentEvents;

internal static class Load
{
    public static async IAsyncEnumerable<EventStreamMessage> Messages(int count, int size)
    {
        var text = new string('x', size);
        for (var i = 0; i < count; i++) yield return new() { Id = i.ToString(), Data = text };
        await Task.CompletedTask;
    }

    public static async IAsyncEnumerable<SseItem<Quote>> Quotes(int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new(new Quote("MSFT", 123.45m, i, DateTimeOffset.UnixEpoch)) { EventId = i.ToString() };
        }

        await Task.CompletedTask;
    }

    public static async Task PublishAsync(EventStreamChannel channel, int count, int size, int rate)
    {
        // The load client reads the time at the start of the data. The frame itself has 24 bytes, so the text has
        // that much less than the requested size.
        var filling = new string('x', Math.Max(0, size - 24));
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            if (rate > 0)
            {
                var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(started);
                if (wait > TimeSpan.FromMilliseconds(1)) await Task.Delay(wait);
            }

            await channel.PublishAsync($"ts={Stopwatch.GetTimestamp()};{filling}");
        }
    }
    public static async Task WaitAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.BodyWriter.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
