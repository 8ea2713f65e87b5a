using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>An app with channels, and how a test speaks to them.</summary>
internal static class ChannelApp
{
    /// <summary>
    /// Starts an app whose channels are streamed at <c>/{name}</c>, several at <c>/several?channel=…</c>; no stream begins with a retry.
    /// </summary>
    public static Task<TestApp> StartAsync(
        Action<EventStreamBuilder> add,
        Action<WebApplication>? map = null,
        Action<EventStreamOptions>? options = null,
        Action<IServiceCollection>? services = null,
        bool http2 = false) => TestApp.StartAsync(
        app =>
        {
            map?.Invoke(app);
            app.MapEventStream("/several", context => new EventStreamSubscription(context.Request.Query["channel"]));
            app.MapEventStream("/{**name}", context => (string)context.GetRouteValue("name")!);
        },
        collection =>
        {
            add(collection.AddEventStreams(o =>
            {
                o.Retry = null;
                options?.Invoke(o);
            }));
            services?.Invoke(collection);
        },
        http2);

    public static EventStreamHub Hub(this TestApp app) => app.App.Services.GetRequiredService<EventStreamHub>();

    /// <summary>Until when the app delivers to named users, where it has a log.</summary>
    public static NodeLease Lease(this TestApp app) => app.Hub().Node!.Presence.Lease;

    public static EventStreamChannel GetChannel(this TestApp app, string name) => app.Hub().GetChannel(name);

    /// <summary>Publishes a text, and returns its id.</summary>
    public static async Task<string> SayAsync(this EventStreamChannel channel, string text, EventStreamMetadata? metadata = null) =>
        (await channel.PublishAsync(new EventStreamMessage { Data = text }, metadata)).ToString();

    /// <summary>Publishes the texts <c>m1</c>, <c>m2</c>…, and returns their ids, with the position before the first in front.</summary>
    public static async Task<string[]> SayManyAsync(this EventStreamChannel channel, int count)
    {
        var ids = new string[count + 1];
        for (var i = 1; i <= count; i++) ids[i] = await channel.SayAsync($"m{i}");

        // There is none before a channel is loaded from a log.
        ids[0] = count == 0 ? channel.Newest?.ToString() ?? "" : $"{ids[1][..10]}{long.Parse(ids[1][10..]) - 1}";
        return ids;
    }

    /// <summary>A frame of the default event.</summary>
    public static string Frame(string id, string data) => $"id: {id}\ndata: {data}\n\n";

    /// <summary>What a client makes of such a frame.</summary>
    public static TestEvent Event(string id, string data) => new("message", data, id);

    /// <summary>What a client makes of the end of a channel.</summary>
    public static TestEvent EndEvent(string id) => new("stream-end", "end", $"{id}.end");

    /// <summary>A frame that moves the client, and dispatches nothing.</summary>
    public static string Position(string id) => $"id: {id}\n\n";

    public static string End(string id) => $"id: {id}.end\nevent: stream-end\ndata: end\n\n";

    /// <summary>The frame of a gap, without an id line.</summary>
    public static string Gap(string channel, string reason, string requested, string? oldest, string newest, long? lost)
    {
        var first = oldest is null ? "null" : $"\"{oldest}\"";
        var requests = $"\"channel\":\"{channel}\",\"reason\":\"{reason}\",\"requested\":\"{requested}\"";
        var retained = $"\"oldest\":{first},\"newest\":\"{newest}\",\"lost\":{lost?.ToString() ?? "null"}";
        return $"event: stream-gap\ndata: {{{requests},{retained}}}\n\n";
    }

    /// <summary>Waits until the client has a position: then it has joined.</summary>
    public static Task NextPositionAsync(this TestEventSource stream) =>
        Soon.Until(() => stream.Body.Contains("id: ", StringComparison.Ordinal));

    /// <summary>The next bytes are these.</summary>
    public static async Task ShouldBringAsync(this StreamReading stream, string expected) =>
        (await stream.ReadAsync(expected)).Should().Be(expected);

    /// <summary>These bytes are the last.</summary>
    public static async Task ShouldEndWithAsync(this StreamReading stream, string expected) =>
        (await stream.ReadToEndAsync()).Should().Be(expected);

    /// <summary>The id in the next frame, which is an id alone.</summary>
    public static async Task<string> ReadPositionAsync(this StreamReading stream)
    {
        var line = await stream.ReadLineAsync();
        line.Should().MatchRegex(@"\Aid: [!-~]+\n\z");
        (await stream.ReadLineAsync()).Should().Be("\n");
        return line[4..^1];
    }
}
