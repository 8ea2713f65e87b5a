using System.Net;
using System.Runtime.CompilerServices;
using Showcase.Quotes;

namespace Showcase.Demos;

internal static class TenQuotes
{
    public static void MapTenQuotes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/quotes", (Pace pace) => TypedResults.EventStream(
            lastEventId => QuotesAfter(lastEventId, pace, AsJson), ComeOnce));

        app.MapGet("/quotes/html", (Pace pace) => TypedResults.EventStream(
            lastEventId => QuotesAfter(lastEventId, pace, AsHtml), ComeOnce));
    }

    // Sent last. A browser that reconnects after it gets 204, and stops.
    private static void ComeOnce(EventStreamOptions options) =>
        options.EndOfStream = new() { Event = "end", Data = "end" };

    private static async IAsyncEnumerable<EventStreamMessage> QuotesAfter(
        string? lastEventId,
        Pace pace,
        Func<Quote, EventStreamMessage> message,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // Any text may come; whatever is no number means the beginning.
        _ = int.TryParse(lastEventId, out var seen);
        foreach (var (index, quote) in QuoteList.Ten.Index().Skip(seen))
        {
            await pace.WaitAsync(beats: 1, cancellation);
            yield return message(quote) with { Id = $"{index + 1}" };
        }
    }

    private static EventStreamMessage AsJson(Quote quote) =>
        EventStreamMessage.Json(quote);

    // htmx swaps what it gets into the page.
    private static EventStreamMessage AsHtml(Quote quote) => new()
    {
        Data = $"""
            <li>
              <q>{WebUtility.HtmlEncode(quote.Text)}</q>
              <cite>
                {WebUtility.HtmlEncode(quote.Author)},
                <i>{WebUtility.HtmlEncode(quote.Work)}</i>
              </cite>
            </li>
            """,
    };
}
