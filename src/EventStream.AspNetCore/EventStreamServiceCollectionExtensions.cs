using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>Registers event streams with an app's services.</summary>
public static class EventStreamServiceCollectionExtensions
{
    /// <summary>Sets the app's <see cref="EventStreamOptions"/>, and keeps the bodies of streams out of HTTP logging. Optional: streams work, with safe defaults, where nothing is registered.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Sets the options; null, the default, leaves them as they are. A value out of range stops the app when it starts.</param>
    public static EventStreamBuilder AddEventStreams(this IServiceCollection services, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<EventStreamOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventStreamOptions>, EventStreamOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpLoggingInterceptor, StreamHttpLogging>());
        services.TryAddSingleton<Revocations>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RevocationCapture>());
        services.TryAddSingleton(static provider => new EventStreamHub(provider));
        services.TryAddSingleton<IEventStreamPublisher>(static provider => provider.GetRequiredService<EventStreamHub>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, ChannelApiDescriptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventStreamChannelOptions>, ChannelOptionsValidator>());
        if (configure is not null) services.Configure(configure);
        return new EventStreamBuilder(services);
    }
}
