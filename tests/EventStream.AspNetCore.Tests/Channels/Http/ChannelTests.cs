using System.Collections.Concurrent;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>
/// Tests of what subscribers notice, which is the same wherever the messages are: each class of them is run for each of these places.
/// </summary>
public abstract class ChannelTests(Kept kept)
{
    /// <inheritdoc cref="ChannelApp.StartAsync"/>
    private protected Task<TestApp> StartAsync(
        Action<EventStreamBuilder> add,
        Action<WebApplication>? map = null,
        Action<EventStreamOptions>? options = null,
        Action<IServiceCollection>? services = null,
        bool http2 = false) => ChannelApp.StartAsync(
        channels =>
        {
            add(channels);
            if (kept != Kept.InMemory) AddLog(channels);
        },
        map,
        options,
        services,
        http2);

    /// <summary>Adds a log that drops what memory would, so that the same is lost.</summary>
    private void AddLog(EventStreamBuilder channels)
    {
        ConcurrentDictionary<EventStreamChannelOptions, int> capacities = new();
        channels.Services.PostConfigureAll<EventStreamChannelOptions>(o =>
        {
            capacities[o] = o.Capacity;
            if (kept == Kept.BeyondMemory && !o.InMemory) o.Capacity = 1;
        });
        channels.AddLog(services => new SharedLog
        {
            Time = services.GetRequiredService<TimeProvider>(),
            Retention = name => services.GetRequiredService<EventStreamHub>().Registry.DefinitionOf(name) is { } definition
                ? (capacities[definition.Options], definition.MaxAge)
                : (null, null),
        });
    }
}
