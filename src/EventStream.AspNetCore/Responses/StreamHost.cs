using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Responses;

/// <summary>The objects that all streams of one app share.</summary>
/// <remarks>It is found by the app's services, so that streams work although nothing was registered.</remarks>
internal sealed class StreamHost
{
    private static readonly ConditionalWeakTable<object, Lazy<StreamHost>> Hosts = [];
    private static readonly object NoServices = new();

    private StreamHost(IServiceProvider? services)
    {
        Time = services?.GetService<TimeProvider>() ?? TimeProvider.System;
        Clock = new Clock(Time);
        Faults = new StreamFaults(Time);
        Options = services?.GetService<IOptions<EventStreamOptions>>()?.Value ?? new EventStreamOptions();
        ShutdownTimeout = services?.GetService<IOptions<HostOptions>>()?.Value.ShutdownTimeout ?? Timeout.InfiniteTimeSpan;
        EventStreamOptionsValidator.ThrowIfInvalid(Options, ShutdownTimeout);
        Json = (services?.GetService<IOptions<JsonOptions>>()?.Value ?? new JsonOptions()).SerializerOptions.RefusingFrames();
        Format = new StreamFormat(Json, Options);
        Logger = services?.GetService<ILoggerFactory>()?.CreateLogger(Log.Category) ?? NullLogger.Instance;
        Authorization = new AppAuthorization(services);
        ReauthorizationFailures = new LogPause(Time);
        PlainStreams = services?.GetService<PlainStreams>();
        Metrics = new StreamMetrics(services?.GetService<IMeterFactory>(), Time);
        Refusals = new RefusalLog(Time, Logger);
        if (services?.GetService<StreamLimits>() is { IsOn: true } limits)
        {
            Limits = limits;
            Metrics.ObserveLimits(limits);
        }

        Stopping = services?.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

        Drain = new HostDrain(Time, Clock);

        // One registration for all streams; each stream checks the token when the clock calls it.
        Stopping.UnsafeRegister(static drain => ((HostDrain)drain!).Begin(), Drain);
    }

    public TimeProvider Time { get; }

    public Clock Clock { get; }

    /// <summary>The app's options; shared, and never changed by a result.</summary>
    public EventStreamOptions Options { get; }

    /// <summary>The JSON options of the app's minimal APIs, changed so that they refuse frames.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>The format of streams whose responses change no options.</summary>
    public StreamFormat Format { get; }

    public ILogger Logger { get; }

    public StreamMetrics Metrics { get; }

    public AppAuthorization Authorization { get; }

    /// <summary>For the log of checks that failed: with a database down, those of thousands of streams do.</summary>
    public LogPause ReauthorizationFailures { get; }

    /// <summary>The limits on open streams; null if there are none.</summary>
    public StreamLimits? Limits { get; }

    public RefusalLog Refusals { get; }

    /// <summary>The open streams that read no channel; null if the app did not call <c>AddEventStreams</c>.</summary>
    public PlainStreams? PlainStreams { get; }

    /// <summary>Cancelled when the host begins to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>The time between the begin of the stop and its end.</summary>
    public HostDrain Drain { get; }

    public StreamFaults Faults { get; }

    public EndpointNotices Notices { get; } = new();

    /// <summary>After which the host stops without its streams.</summary>
    private TimeSpan ShutdownTimeout { get; }

    /// <summary>Gets the app's options with the changes of one endpoint or response.</summary>
    /// <param name="configure">The changes; null for none.</param>
    /// <exception cref="OptionsValidationException">A value is out of range.</exception>
    public EventStreamOptions OptionsWith(Action<EventStreamOptions>? configure)
    {
        if (configure is null) return Options;
        var options = Options.Copy();
        configure(options);
        EventStreamOptionsValidator.ThrowIfInvalid(options, ShutdownTimeout);
        return options;
    }

    public static StreamHost Of(HttpContext context)
    {
        // The root scope factory is one object for an app. The server's context has it, so the request needs no scope of its own.
        var app = (object?)(context as DefaultHttpContext)?.ServiceScopeFactory
            ?? context.RequestServices?.GetService<IServiceScopeFactory>()
            ?? NoServices;
        return Hosts.TryGetValue(app, out var host)
            ? host.Value
            : Hosts.GetValue(app, _ => new(() => new StreamHost(context.RequestServices))).Value;
    }

    public static StreamHost Of(IServiceProvider services) =>
        Hosts.GetValue(services.GetRequiredService<IServiceScopeFactory>(), _ => new(() => new StreamHost(services))).Value;
}
