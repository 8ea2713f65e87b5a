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
    /// <summary>Sets the app's <see cref="EventStreamOptions"/>, and begins to add channels.</summary>
    /// <remarks>
    /// Optional: streams work, with safe defaults, where nothing is registered. It also keeps the bodies of streams out of HTTP logging. It
    /// may be called more than once, and each call adds to the ones before.
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
        services.TryAddSingleton<Revocations>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RevocationCapture>());
        services.TryAddSingleton<ChannelNames>();
        services.TryAddSingleton(static provider => new EventStreamHub(provider));
        services.TryAddSingleton<IEventStreamPublisher>(static provider => provider.GetRequiredService<EventStreamHub>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, ChannelApiDescriptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventStreamChannelOptions>, ChannelOptionsValidator>());
        if (configure is not null) services.Configure(configure);
        return new EventStreamBuilder(services);
    }

    /// <summary>Adds streams and channels as a section of the app's configuration says.</summary>
    /// <remarks>
    /// <para>
    /// The section has the options of <see cref="EventStreamOptions"/> by their names, and in <c>Channels</c> the channels and patterns
    /// with their <see cref="EventStreamChannelOptions"/>. Other sections belong to the log, such as <c>PostgreSql</c>. A section that is
    /// not there is empty. What code sets comes after the configuration.
    /// </para>
    /// <para>
    /// It is read once, when the app starts. A change counts after a restart. The app does not start where a key is no option, a value
    /// does not fit, or an option is code. An error of the part that is read first hides those of the others. Nothing is read by
    /// reflection.
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
        return services.AddEventStreams(configure);
    }
}
