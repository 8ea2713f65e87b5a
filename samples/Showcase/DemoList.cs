using Showcase.Demos;
using Showcase.Jobs;

namespace Showcase;

/// <summary>All demos, in the order of the home page: to add one, add its line here.</summary>
internal static class DemoList
{
    public static IReadOnlyList<Demo> All { get; } =
    [
        new(
            "ten-quotes",
            "The ten quotes",
            "Ten quotes, then a clean end after which no browser reconnects: with a plain EventSource and with htmx.",
            app => app.MapTenQuotes()),
        new(
            "job-progress",
            "A job’s progress",
            "A POST starts a job. Reload the page in the middle of it: no step comes twice, none is missing.",
            app => app.MapJobProgress(),
            services => services.AddSingleton<JobStore>()),
        new(
            "live-prices",
            "Live prices",
            "One channel, every tab. Cut the connection for ten seconds and nothing is missing; "
            + "read too slowly, and the stream says what is.",
            app => app.MapLivePrices(),
            services => services.AddLivePrices()),
        new(
            "ten-tabs",
            "One connection for ten tabs",
            "A browser opens six connections to a server. Ten tabs share one of them; "
            + "at one switch each opens its own, and the seventh waits.",
            app => app.MapTenTabs(),
            services => services.AddTenTabs()),
        new(
            "dead-connection",
            "A dead connection",
            "A connection goes silent, and stays open. An EventSource waits without end; "
            + "the module notices, and misses nothing.",
            app => app.MapDeadConnection(),
            services => services.AddDeadConnection()),
        new(
            "token-stream",
            "A token stream",
            "An answer, word by word, that goes on without its reader. Reload in mid-sentence: no word is lost, none comes twice.",
            app => app.MapTokenStream(),
            services => services.AddTokenStream()),
        new(
            "channels",
            "The channels",
            "Who listens to what on this server, how far behind they are, and what is kept for them, live.",
            app => app.MapChannelList(),
            services => services.AddChannelList()),
        new(
            "clock",
            "A clock and its keep-alives",
            "What keeps a quiet connection open, byte by byte, and why no client sees it.",
            app => app.MapClock()),
    ];

    public static void AddDemos(this IServiceCollection services)
    {
        foreach (var demo in All) demo.AddServices?.Invoke(services);
    }

    public static void MapDemos(this IEndpointRouteBuilder app)
    {
        foreach (var demo in All) demo.Map(app);
        app.MapGet("/demos", () => All.Select(demo => new { demo.Title, demo.Summary, demo.Url }));
    }
}
