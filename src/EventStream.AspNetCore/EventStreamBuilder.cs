using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Logs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>What <c>AddEventStreams</c> returns, to add more to it.</summary>
public sealed class EventStreamBuilder
{
    internal EventStreamBuilder(IServiceCollection services) => Services = services;

    /// <summary>The app's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a channel, or all channels whose names match a pattern.</summary>
    /// <remarks>
    /// The messages are in the memory of this process: other nodes do not see them, and a restart loses them. <see cref="AddLog"/>, or a
    /// package that calls it, keeps them for all nodes. A channel of a pattern exists once something was published to it: before that,
    /// a subscriber gets 404, unless <see cref="EventStreamChannelOptions.CreateOnSubscribe"/> lets it wait. Without a log the app says at
    /// its start which channels are in memory, but not in Development.
    /// </remarks>
    /// <param name="name">
    /// The name; or a pattern such as <c>orders/{id}</c>, in which a word in braces stands for any text without a slash. A channel of a
    /// pattern is made when it is first used, and dropped when it is idle. Of several that match, an exact name wins, then the pattern that
    /// was added first.
    /// </param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The name is empty, longer than 256 characters, or has a control character or an unclosed brace.
    /// </exception>
    public EventStreamBuilder AddChannel(string name, Action<EventStreamChannelOptions>? configure = null)
    {
        ChannelPattern.Check(name);
        var options = Services.AddOptions<EventStreamChannelOptions>(name).ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        Services.AddSingleton(new ChannelRegistration(name));
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MemoryNotice>());
        return this;
    }

    /// <summary>
    /// Keeps the channels in a log that outlives the process, and that several nodes share. Those that are
    /// <see cref="EventStreamChannelOptions.InMemory"/> stay in memory.
    /// </summary>
    /// <remarks>Where <c>AddEventStreams</c> was given a configuration, the section <c>Log</c> of it sets the options first.</remarks>
    /// <param name="log">Makes the log, once, from the app's services; which dispose of it.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    /// <exception cref="InvalidOperationException">There is a log already.</exception>
    public EventStreamBuilder AddLog(Func<IServiceProvider, IEventStreamLog> log, Action<EventStreamLogOptions>? configure = null)
    {
        AddLog<EventStreamLogOptions>(log);
        var options = Services.AddOptions<EventStreamLogOptions>();
        if (TakeSection("Log") is { } section) options.Configure(bound => LogSettings.Table.Bind(section, bound));
        if (configure is not null) options.Configure(configure);
        return this;
    }

    /// <summary>Adds the log of a package, with options of the package's own.</summary>
    /// <remarks>
    /// The package configures its options: from a section of its own (<see cref="TakeSection"/>), and then by a delegate of the app's. The
    /// channels take what they need of a log from them. They are validated when the app starts.
    /// </remarks>
    /// <param name="log">Makes the log, once, from the app's services; which dispose of it.</param>
    /// <typeparam name="TOptions">The log's options.</typeparam>
    /// <exception cref="InvalidOperationException">There is a log already.</exception>
    public EventStreamBuilder AddLog<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        Func<IServiceProvider, IEventStreamLog> log)
        where TOptions : EventStreamLogOptions
    {
        ArgumentNullException.ThrowIfNull(log);
        if (Services.Any(service => service.ServiceType == typeof(IEventStreamLog)))
        {
            throw new InvalidOperationException("The channels have a log already, and all share one. Call AddLog, or what calls it, once.");
        }

        Services.AddSingleton(log);
        Services.AddOptions<TOptions>().ValidateOnStart();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, LogOptionsValidator<TOptions>>());
        if (typeof(TOptions) != typeof(EventStreamLogOptions))
        {
            Services.AddSingleton<IOptions<EventStreamLogOptions>>(static provider => provider.GetRequiredService<IOptions<TOptions>>());
        }

        Services.AddHostedService<LogService>();
        return this;
    }

    /// <summary>Takes a section of the configuration that <c>AddEventStreams</c> was given, for a package's options.</summary>
    /// <remarks>A key that is no option, and that no package takes, stops the app when it starts.</remarks>
    /// <param name="key">The section's key, such as <c>PostgreSql</c>.</param>
    /// <returns>The section, which may be empty. Null: <c>AddEventStreams</c> was given no configuration.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public IConfigurationSection? TakeSection(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var configuration = Services.LastOrDefault(service => service.ServiceType == typeof(StreamConfiguration))?.ImplementationInstance;
        return (configuration as StreamConfiguration)?.Use(key);
    }
}
