using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore;

/// <summary>What <c>AddEventStreams</c> returns, to add more to it.</summary>
/// <param name="services">The app's services.</param>
public sealed class EventStreamBuilder(IServiceCollection services)
{
    /// <summary>The app's services.</summary>
    public IServiceCollection Services { get; } = services;
}
