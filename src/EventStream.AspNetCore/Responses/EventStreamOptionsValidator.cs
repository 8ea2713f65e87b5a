using EventStream.AspNetCore.Wire;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Responses;

/// <summary>Validates <see cref="EventStreamOptions"/>.</summary>
/// <param name="host">The host's options, whose shutdown timeout bounds the drain.</param>
internal sealed class EventStreamOptionsValidator(IOptions<HostOptions> host) : IValidateOptions<EventStreamOptions>
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static void ThrowIfInvalid(EventStreamOptions options, TimeSpan shutdownTimeout)
    {
        var failures = Failures(options, shutdownTimeout);
        if (failures.Count > 0) throw new OptionsValidationException(Options.DefaultName, typeof(EventStreamOptions), failures);
    }

    public ValidateOptionsResult Validate(string? name, EventStreamOptions options)
    {
        var failures = Failures(options, host.Value.ShutdownTimeout);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static List<string> Failures(EventStreamOptions options, TimeSpan shutdownTimeout)
    {
        List<string> failures = [];
        Range(nameof(options.KeepAliveInterval), options.KeepAliveInterval, Tick, Day);
        Range(nameof(options.Retry), options.Retry, TimeSpan.FromMilliseconds(1), Day);
        Range(nameof(options.DrainRetry), options.DrainRetry, TimeSpan.FromMilliseconds(1), Day);
        Range(nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.Zero, Hour);
        Range(nameof(options.MaxLifetime), options.MaxLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        Range(nameof(options.ReauthorizationInterval), options.ReauthorizationInterval, TimeSpan.FromSeconds(1), Day);
        Range(nameof(options.ReauthorizationGrace), options.ReauthorizationGrace, TimeSpan.Zero, Day);
        Range(nameof(options.WriteTimeout), options.WriteTimeout, Tick, Day);
        Range(nameof(options.SourceStopTimeout), options.SourceStopTimeout, Tick, Hour);
        var isDrainCut = options.DrainTimeout >= shutdownTimeout && shutdownTimeout != Timeout.InfiniteTimeSpan;
        if (options.DrainTimeout > TimeSpan.Zero && isDrainCut)
        {
            failures.Add(
                $"EventStreamOptions.DrainTimeout is {options.DrainTimeout}, and the host stops within {shutdownTimeout}. "
                + "Set HostOptions.ShutdownTimeout a few seconds longer than DrainTimeout.");
        }

        if (options.KeepAlive is null)
        {
            failures.Add("EventStreamOptions.KeepAlive is null. Set KeepAliveInterval to null to have no keep-alive.");
        }

        if (options.EndOfStream is { } end && (!end.Data.HasValue || end.Id is not null))
        {
            failures.Add(
                "EventStreamOptions.EndOfStream must have data, because clients do not dispatch an event without data. "
                + "It must have no id, because the library sets the id.");
        }

        var endEvent = options.EndOfStream?.Event;
        if (ReservedEvents.CallsAHandler(endEvent) && options.Protocol?.AllowedEvents?.Contains(endEvent) != true)
        {
            failures.Add(
                $"EventStreamOptions.EndOfStream has the event '{endEvent}', which calls the page's own on{endEvent} handler. "
                + "Choose another name, or add it to AllowedEvents of Protocol.");
        }

        if (options.Protocol?.Fault is { } fault) failures.Add($"EventStreamOptions.Protocol {fault}");
        if (options.LastEventIdQueryParameter is "")
        {
            failures.Add(
                "EventStreamOptions.LastEventIdQueryParameter is empty. Name the parameter, or set it to null to have none.");
        }

        if (options.DataMediaType is { } type && (type.Length == 0 || type.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            failures.Add(
                $"EventStreamOptions.DataMediaType is '{type}', which is no media type. Set one, such as application/json, or null.");
        }

        return failures;

        void Range(string option, TimeSpan? value, TimeSpan from, TimeSpan to)
        {
            if (value < from || value > to) failures.Add($"EventStreamOptions.{option} is {value}, and must be from {from} to {to}.");
        }
    }
}
