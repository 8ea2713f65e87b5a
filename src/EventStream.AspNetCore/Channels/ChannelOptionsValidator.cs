using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Channels;

/// <summary>The ranges of <see cref="EventStreamChannelOptions"/>.</summary>
internal sealed class ChannelOptionsValidator : IValidateOptions<EventStreamChannelOptions>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, EventStreamChannelOptions options)
    {
        List<string> failures = [];
        if (options.Capacity is < 1 or > 1 << 24) failures.Add($"Capacity is {options.Capacity}, and must be from 1 to {1 << 24}.");
        if (options.MaxBytes is < 1024 or > 1L << 40) failures.Add($"MaxBytes is {options.MaxBytes}, and must be from 1024 to {1L << 40}.");
        Range(nameof(options.MaxAge), options.MaxAge, Second, Month);
        Range(nameof(options.IdleTimeout), options.IdleTimeout, Second, Month);
        if (options.Protocol?.Fault is { } fault) failures.Add($"Protocol {fault}");
        if (options.Protocol is { } protocol && ChannelDefinition.HidesGaps(options, protocol))
        {
            failures.Add(ChannelDefinition.HiddenGaps);
        }

        return failures.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(failures.Select(failure => $"EventStreamChannelOptions of the channel '{name}': {failure}"));

        void Range(string option, TimeSpan? value, TimeSpan from, TimeSpan to)
        {
            if (value < from || value > to) failures.Add($"{option} is {value}, and must be from {from} to {to}.");
        }
    }
}
