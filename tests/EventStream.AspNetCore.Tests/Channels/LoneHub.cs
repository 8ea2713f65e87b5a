using System.Text.Json;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A hub without a server, whose channels are all of one kind; its clock is moved by the test.</summary>
internal sealed class LoneHub : IDisposable
{
    private readonly ServiceProvider _services;

    public LoneHub(Action<EventStreamChannelOptions>? configure = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time ?? Time);
        services.AddLogging(logging => logging.AddProvider(Log));
        services.AddEventStreams().AddChannel("{name}", configure);
        _services = services.BuildServiceProvider();
        Hub = _services.GetRequiredService<EventStreamHub>();
    }

    /// <summary>The format of an app that sets no options.</summary>
    public static StreamFormat Format { get; } = new(JsonSerializerOptions.Web, new());

    public FakeTime Time { get; } = new();

    public LogRecorder Log { get; } = new();

    public EventStreamHub Hub { get; }

    public EventStreamChannel GetChannel(string name) => Hub.GetChannel(name);

    /// <summary>Opens a subscriber, as a response would.</summary>
    public static FrameCursor Open(
        EventStreamSubscriptionOptions? subscription, string? lastEventId, params EventStreamChannel[] channels) =>
        Open(new DefaultHttpContext(), subscription, lastEventId, channels);

    /// <summary>Opens a subscriber for a request.</summary>
    public static FrameCursor Open(
        HttpContext context, EventStreamSubscriptionOptions? subscription, string? lastEventId, params EventStreamChannel[] channels) =>
        new ChannelSource(
            channels[0].Registry,
            [.. channels.Select(channel => new WantedChannel(channel.Name, channel.Definition, channel.Backing.Known, channel.Run))],
            subscription)
            .Open(context, Format, lastEventId, CancellationToken.None);

    public void Dispose() => _services.Dispose();
}
