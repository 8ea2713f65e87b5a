using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>An app with one channel, <c>feed</c>, which logs little, because heavy tests would fill the memory with it.</summary>
internal static class FeedApp
{
    public const string Path = "/feed";

    public static Task<TestApp> StartAsync(Action<EventStreamChannelOptions>? options = null) => TestApp.StartAsync(
        app => app.MapEventStream(Path, "feed"),
        services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information)).AddEventStreams()
            .AddChannel("feed", options));

    public static EventStreamChannel GetChannel(this TestApp app) =>
        app.App.Services.GetRequiredService<EventStreamHub>().GetChannel("feed");
}
