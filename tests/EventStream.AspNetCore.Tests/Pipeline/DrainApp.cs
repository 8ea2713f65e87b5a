using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Runs;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>An app whose streams have a <c>DrainTimeout</c>, and how a test watches its drain.</summary>
internal static class DrainApp
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    private static readonly EventStreamMessage End = new() { Event = "end", Data = "end" };

    /// <summary>Starts an app.</summary>
    /// <param name="source">The source of <c>/driven</c> and <c>/run</c>.</param>
    /// <param name="window">The app's <c>DrainTimeout</c>; null: <see cref="Window"/>.</param>
    /// <param name="options">Sets more options.</param>
    /// <param name="map">Maps more endpoints.</param>
    /// <param name="addsStreams">Whether it calls <c>AddEventStreams</c>, and has channels.</param>
    public static Task<TestApp> StartAsync(
        DrivenSource source,
        TimeSpan? window = null,
        Action<EventStreamOptions>? options = null,
        Action<WebApplication>? map = null,
        bool addsStreams = true)
    {
        return TestApp.StartAsync(Map, AddStreams);

        void Map(WebApplication app)
        {
            app.MapGet("/ordinary", () => "served");
            app.MapGet("/silent", () => Results.EventStream(Silent.Forever(), Drain));
            app.MapGet("/patient", () => Results.EventStream(Silent.Forever(), o => o.DrainTimeout = Window));
            app.MapGet("/driven", () => Results.EventStream(source.Messages(), o => o.EndOfStream = End));
            app.MapGet("/asks", (HttpContext context) => Results.EventStream(Asking(context), Drain));
            map?.Invoke(app);
            if (!addsStreams) return;
            app.MapEventStream("/channel", "news");
            app.MapGet("/deferred", (EventStreamHub hub) => Results.EventStream(() => new DrivenRun(hub, "news")));
            app.MapGet("/run", (EventStreamHub hub) => Results.EventStream(() => hub.Run("run", (_, stop) => source.Messages(stop))));
        }

        void AddStreams(IServiceCollection services)
        {
            if (!addsStreams) return;
            services.AddEventStreams(o =>
            {
                Drain(o);
                options?.Invoke(o);
            }).AddChannel("news").AddChannel("run");
        }

        void Drain(EventStreamOptions o) => o.DrainTimeout = window ?? Window;
    }

    public static async Task<List<StreamReading>> OpenManyAsync(this TestApp app, string path, int count)
    {
        var streams = (await Task.WhenAll(Enumerable.Range(0, count).Select(_ => app.OpenAsync(path)))).ToList();
        foreach (var stream in streams) await stream.ReadRetryAsync();
        return streams;
    }

    /// <summary>Waits until the host waits for the streams. Before, a clock that moves would find no drain.</summary>
    public static Task DrainHasBegunAsync(this TestApp app) =>
        Soon.Until(() => app.Log.Entries.Any(entry => entry.Message.StartsWith("The host stops")), "the drain");

    private static async IAsyncEnumerable<EventStreamMessage> Asking(
        HttpContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _ = context.Features.Get<IEventStreamFeature>()!.Draining;
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }
}
