using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>Registers event streams with an app's services.</summary>
public static class EventStreamServiceCollectionExtensions
{
    /// <summary>Adds event streams to the app, and sets their options.</summary>
    /// <remarks>
    /// Streams that use no channel work without this call, with safe defaults. The call also keeps the bodies of streams out of HTTP
    /// logging. Each further call adds to the previous ones.
    /// </remarks>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">
    /// Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.
    /// </param>
    public static EventStreamBuilder AddEventStreams(this IServiceCollection services, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<EventStreamOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventStreamOptions>, EventStreamOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpLoggingInterceptor, StreamHttpLogging>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DrainService>());
        services.TryAddSingleton<Revocations>();
        services.TryAddSingleton<PlainStreams>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RevocationCapture>());
        services.TryAddSingleton<ChannelNames>();
        services.TryAddSingleton(static provider => new EventStreamHub(provider));
        services.TryAddSingleton<IEventStreamPublisher>(static provider => provider.GetRequiredService<EventStreamHub>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, ChannelApiDescriptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventStreamChannelOptions>, ChannelOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AuthorizationStartCheck>());
        if (configure is not null) services.Configure(configure);
        return new EventStreamBuilder(services);
    }

    /// <summary>Adds event streams and channels from a section of the app's configuration.</summary>
    /// <remarks>
    /// <para>
    /// The section has the options of <see cref="EventStreamOptions"/> by their names, and in <c>Channels</c> the channels and patterns
    /// with their <see cref="EventStreamChannelOptions"/>. <c>Limits</c> has the <see cref="EventStreamLimitOptions"/>. Other sections
    /// belong to the log, such as <c>PostgreSql</c>. A missing section counts as empty. Values that code sets win over the configuration.
    /// </para>
    /// <para>
    /// The section is read once, at the app's start, so a change needs a restart. The app does not start if a key is no option, a value
    /// does not fit, or an option is code. An error in one part may hide errors in the others. Nothing is read by reflection.
    /// </para>
    /// </remarks>
    /// <param name="services">The app's services.</param>
    /// <param name="configuration">The section: <c>builder.Configuration.GetSection("EventStreams")</c>.</param>
    /// <param name="configure">Sets the options after the configuration; null, the default, leaves them as they are.</param>
    public static EventStreamBuilder AddEventStreams(
        this IServiceCollection services, IConfiguration configuration, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var settings = new StreamConfiguration(configuration);
        services.AddSingleton(settings);
        services.AddSingleton<IConfigureOptions<EventStreamOptions>>(settings);
        services.AddSingleton<IConfigureOptions<EventStreamChannelOptions>>(settings);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConfiguredChannelsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MemoryNotice>());
        services.AddSingleton<IConfigureOptions<EventStreamLimitOptions>>(settings);
        return services.AddEventStreams(configure).AddLimits();
    }
}
