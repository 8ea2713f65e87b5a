using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

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
        for (var i = 0; i < count; i++) yield return new(new Quote("MSFT", 123.45m, i, DateTimeOffset.UnixEpoch)) { EventId = i.ToString() };
        await Task.CompletedTask;
    }

    public static async IAsyncEnumerable<EventStreamMessage> Silence([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        yield break;
    }
}
