using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Admission;

/// <summary>Validates <see cref="EventStreamLimitOptions"/>.</summary>
internal sealed class LimitOptionsValidator : IValidateOptions<EventStreamLimitOptions>
{
    private const int MostOpens = 1_000_000;

    public ValidateOptionsResult Validate(string? name, EventStreamLimitOptions options)
    {
        List<string> failures = [];
        Positive(nameof(options.MaxStreams), options.MaxStreams);
        Positive(nameof(options.MaxStreamsPerUser), options.MaxStreamsPerUser);
        Positive(nameof(options.MaxStreamsPerAddress), options.MaxStreamsPerAddress);
        Positive(nameof(options.MaxSubscribersPerChannel), options.MaxSubscribersPerChannel);
        if (options.MaxOpensPerSecond is < 1 or > MostOpens)
        {
            failures.Add(
                $"EventStreamLimitOptions.MaxOpensPerSecond is {options.MaxOpensPerSecond}, and must be from 1 to {MostOpens}. "
                + "Set it to null for no limit.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Positive(string option, int? value)
        {
            if (value >= 1 || value is null) return;
            failures.Add($"EventStreamLimitOptions.{option} is {value}, and must be at least 1. Set it to null for no limit.");
        }
    }
}
