using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Logs;

/// <summary>Validates the ranges of <see cref="EventStreamLogOptions"/>, also in derived options.</summary>
internal sealed class LogOptionsValidator<TOptions> : IValidateOptions<TOptions>
    where TOptions : EventStreamLogOptions
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        List<string> failures = [];
        Range(nameof(options.PublishWait), options.PublishWait, TimeSpan.Zero, Hour);
        Range(nameof(options.DisconnectTimeout), options.DisconnectTimeout, NodeLease.ShortestTimeout, NodeLease.LongestTimeout);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Range(string option, TimeSpan value, TimeSpan from, TimeSpan to)
        {
            if (value < from || value > to) failures.Add($"{typeof(TOptions).Name}.{option} is {value}, and must be from {from} to {to}.");
        }
    }
}
