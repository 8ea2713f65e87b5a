using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>A payload that JSON and XML can both write.</summary>
public sealed class Report
{
    public const string Array = """[{"number":1,"title":"first"},{"number":2,"title":"second"}]""";

    public const string Stream = "data: {\"number\":1,\"title\":\"first\"}\n\ndata: {\"number\":2,\"title\":\"second\"}\n\n";

    public int Number { get; set; }

    public string? Title { get; set; }

    public static async IAsyncEnumerable<Report> Two([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new() { Number = 1, Title = "first" };
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        yield return new() { Number = 2, Title = "second" };
    }

    public static async IAsyncEnumerable<SseItem<Report>> Items()
    {
        var number = 0;
        await foreach (var report in Two())
        {
            yield return new(report, "report") { EventId = $"{++number}", ReconnectionInterval = TimeSpan.FromSeconds(number) };
        }
    }

    public static async IAsyncEnumerable<EventStreamMessage> Messages()
    {
        yield return new() { Id = "1", Event = "note", Data = "text" };
        yield return new() { Comment = "no payload" };
        await foreach (var report in Two()) yield return EventStreamMessage.Json(report);
    }
}
