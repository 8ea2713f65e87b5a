using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Logs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>Adds channels, limits and a log to the event streams of an app.</summary>
public sealed class EventStreamBuilder
{
    internal EventStreamBuilder(IServiceCollection services) => Services = services;

    /// <summary>The app's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a channel, or all channels whose names match a pattern.</summary>
    /// <remarks>
    /// <para>
    /// The messages are in the memory of this process: other nodes do not see them, and a restart loses them. <see cref="AddLog"/>, or a
    /// package that calls it, keeps them for all nodes. Without a log, the app logs at its start which channels are in memory, except in
    /// Development.
    /// </para>
    /// <para>
    /// A channel of a pattern exists once a message was published to it. Before that, a subscriber gets 404. With
    /// <see cref="EventStreamChannelOptions.CreateOnSubscribe"/> it waits for the first message.
    /// </para>
    /// </remarks>
    /// <param name="name">
    /// The name, or a pattern such as <c>orders/{id}</c>. A word in braces stands for any text without a slash. The first use of a name
    /// that matches creates its channel; an idle one is dropped. An exact name wins over patterns, and a pattern that was added earlier
    /// wins over later ones.
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

    /// <summary>Limits how many streams are open on this node, and how many open in a second.</summary>
    /// <remarks>
    /// The limits hold for all streams of the app: results, MVC actions and channels. The framework's <c>UseRateLimiter</c> limits single
    /// endpoints, and other requests. Each further call adds to the previous ones. If <c>AddEventStreams</c> was given a configuration, its
    /// section <c>Limits</c> sets the options first, also without this call.
    /// </remarks>
    /// <param name="configure">
    /// Sets the limits; null, the default, leaves them as they are, which is off. A value out of range stops the app when it starts.
    /// </param>
    public EventStreamBuilder AddLimits(Action<EventStreamLimitOptions>? configure = null)
    {
        var options = Services.AddOptions<EventStreamLimitOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventStreamLimitOptions>, LimitOptionsValidator>());
        Services.TryAddSingleton(static provider => new StreamLimits(
            provider.GetRequiredService<IOptions<EventStreamLimitOptions>>(), provider.GetService<TimeProvider>()));
        return this;
    }

    /// <summary>Keeps the channels in a log that outlives the process, and that several nodes share.</summary>
    /// <remarks>
    /// Channels with <see cref="EventStreamChannelOptions.InMemory"/> stay in memory. If <c>AddEventStreams</c> was given a configuration,
    /// its section <c>Log</c> sets the options first.
    /// </remarks>
    /// <param name="log">Creates the log, once, from the app's services. They dispose of it.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    /// <exception cref="InvalidOperationException">A log was added already.</exception>
    public EventStreamBuilder AddLog(Func<IServiceProvider, IEventStreamLog> log, Action<EventStreamLogOptions>? configure = null)
    {
        AddLog<EventStreamLogOptions>(log);
        var options = Services.AddOptions<EventStreamLogOptions>();
        if (TakeSection("Log") is { } section) options.Configure(bound => LogSettings.Table.Bind(section, bound));
        if (configure is not null) options.Configure(configure);
        return this;
    }

    /// <summary>Adds a package's log, with the package's own options.</summary>
    /// <remarks>
    /// The package configures its options: first from a section of its own (<see cref="TakeSection"/>), then by the app's delegate. The
    /// channels read <see cref="EventStreamLogOptions"/> from them. They are validated when the app starts.
    /// </remarks>
    /// <param name="log">Creates the log, once, from the app's services. They dispose of it.</param>
    /// <typeparam name="TOptions">The log's options.</typeparam>
    /// <exception cref="InvalidOperationException">A log was added already.</exception>
    public EventStreamBuilder AddLog<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        Func<IServiceProvider, IEventStreamLog> log)
        where TOptions : EventStreamLogOptions
    {
        ArgumentNullException.ThrowIfNull(log);
        if (Services.Any(service => service.ServiceType == typeof(IEventStreamLog)))
        {
            throw new InvalidOperationException(
                "A log was added already, and all channels share it. Call AddLog, or a method that calls it, only once.");
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
    /// <remarks>A key that is no option, and that no package takes, stops the app at its start.</remarks>
    /// <param name="key">The section's key, such as <c>PostgreSql</c>.</param>
    /// <returns>The section, which may be empty. Null: <c>AddEventStreams</c> was given no configuration.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="key"/> is empty.
    /// </exception>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public IConfigurationSection? TakeSection(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var configuration = Services.LastOrDefault(service => service.ServiceType == typeof(StreamConfiguration))?.ImplementationInstance;
        return (configuration as StreamConfiguration)?.Use(key);
    }
}
