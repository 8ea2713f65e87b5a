using EventStream.AspNetCore.Channels;
using EventStream.PostgreSql.Sql;
using Microsoft.Extensions.Options;

namespace EventStream.PostgreSql.Hosting;

/// <summary>Checks the ranges of <see cref="PostgreSqlLogOptions"/>.</summary>
internal sealed class PostgreSqlLogOptionsValidator : IValidateOptions<PostgreSqlLogOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgreSqlLogOptions options)
    {
        string?[] failures =
        [
            SchemaName.Fault(options.Schema),
            Fault(nameof(options.StartTimeout), options.StartTimeout, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Fault(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            Fault(nameof(options.RetentionInterval), options.RetentionInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            .. Faults("Retention", options.Retention),
            .. options.Retentions.SelectMany(retention => FaultsOf(retention.Key, retention.Value)),
        ];
        var found = failures.OfType<string>().ToList();
        return found.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(found.Select(failure => $"PostgreSqlLogOptions: {failure}"));
    }

    private static IEnumerable<string?> FaultsOf(string channel, PostgreSqlRetention retention) =>
        Faults($"Retentions[\"{channel}\"]", retention).Prepend(NameFault(channel));

    private static IEnumerable<string?> Faults(string name, PostgreSqlRetention? retention)
    {
        if (retention is null) return [$"{name} is null. Set its limits to null for no limit."];
        return
        [
            retention.MaxAge is { } age ? Fault($"{name}.MaxAge", age, TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650)) : null,
            retention.MaxCount < 1 ? $"{name}.MaxCount is {retention.MaxCount}, and must be at least 1." : null,
            retention.MaxBytes < 1024 ? $"{name}.MaxBytes is {retention.MaxBytes}, and must be at least 1024." : null,
        ];
    }

    private static string? Fault(string name, TimeSpan value, TimeSpan least, TimeSpan most) =>
        value < least || value > most ? $"{name} is {value}, and must be from {least} to {most}." : null;

    private static string? NameFault(string name)
    {
        try
        {
            ChannelPattern.Check(name);
            return null;
        }
        catch (ArgumentException exception)
        {
            return $"Retentions has a name that no channel can have. {exception.Message}";
        }
    }
}
