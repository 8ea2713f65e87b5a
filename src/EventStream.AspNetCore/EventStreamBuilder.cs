using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace EventStream.AspNetCore;

/// <summary>What <c>AddEventStreams</c> returns, to add more to it.</summary>
/// <param name="services">The app's services.</param>
public sealed class EventStreamBuilder(IServiceCollection services)
{
    /// <summary>The app's services.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Adds a channel, or all channels whose names match a pattern.</summary>
    /// <remarks>
    /// The messages are in the memory of this process: other nodes do not see them, and a restart loses them. <see cref="AddLog"/>, or a
    /// package that calls it, keeps them for all nodes. Without a log the app says at its start which channels are in memory, but not in
    /// Development.
    /// </remarks>
    /// <param name="name">
    /// The name; or a pattern such as <c>orders/{id}</c>, in which a word in braces stands for any text without a slash. A channel of a pattern is made
    /// when it is first used, and dropped when it is idle. Of several that match, an exact name wins, then the pattern that was added first.
    /// </param>
    /// <param name="configure">Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.</param>
    /// <exception cref="ArgumentException">The name is empty, longer than 256 characters, or has a control character or an unclosed brace.</exception>
    public EventStreamBuilder AddChannel(string name, Action<EventStreamChannelOptions>? configure = null)
    {
        ChannelPattern.Check(name);
        var options = Services.AddOptions<EventStreamChannelOptions>(name).ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        Services.AddSingleton(new ChannelRegistration(name));
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MemoryNotice>());
        return this;
    }

    /// <summary>Keeps the channels in a log that outlives the process, and that several nodes share; but for those that stay <see cref="EventStreamChannelOptions.InMemory"/>.</summary>
    /// <param name="log">Makes the log, once, from the app's services; which dispose of it.</param>
    /// <exception cref="InvalidOperationException">There is a log already.</exception>
    public EventStreamBuilder AddLog(Func<IServiceProvider, IEventStreamLog> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (Services.Any(service => service.ServiceType == typeof(IEventStreamLog)))
        {
            throw new InvalidOperationException("The channels have a log already, and all share one. Call AddLog, or what calls it, once.");
        }

        Services.AddSingleton(log);
        Services.AddHostedService<LogService>();
        return this;
    }
}
