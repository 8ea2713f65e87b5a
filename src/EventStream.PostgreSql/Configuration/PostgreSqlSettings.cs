using EventStream.AspNetCore.Configuration;

namespace EventStream.PostgreSql.Configuration;

/// <summary>Reads the options of the log from the app's configuration.</summary>
internal static class PostgreSqlSettings
{
    /// <summary>The key of the section, within the section of the streams' options.</summary>
    public const string Key = "PostgreSql";

    private static readonly SettingsTable<PostgreSqlRetention> Retention = new()
    {
        [nameof(PostgreSqlRetention.MaxAge)] =
            static (ref retention, setting) => retention = retention with { MaxAge = setting.TimeOrNull },
        [nameof(PostgreSqlRetention.MaxCount)] =
            static (ref retention, setting) => retention = retention with { MaxCount = setting.LongOrNull },
        [nameof(PostgreSqlRetention.MaxBytes)] =
            static (ref retention, setting) => retention = retention with { MaxBytes = setting.LongOrNull },
    };

    public static SettingsTable<PostgreSqlLogOptions> Table { get; } = new()
    {
        [nameof(PostgreSqlLogOptions.PublishWait)] = static (ref options, setting) => options.PublishWait = setting.Time,
        [nameof(PostgreSqlLogOptions.DisconnectTimeout)] = static (ref options, setting) => options.DisconnectTimeout = setting.Time,
        [nameof(PostgreSqlLogOptions.Schema)] = static (ref options, setting) => options.Schema = setting.Text,
        [nameof(PostgreSqlLogOptions.CreateSchema)] = static (ref options, setting) => options.CreateSchema = setting.Bool,
        [nameof(PostgreSqlLogOptions.StartTimeout)] = static (ref options, setting) => options.StartTimeout = setting.Time,
        [nameof(PostgreSqlLogOptions.PollInterval)] = static (ref options, setting) => options.PollInterval = setting.Time,
        [nameof(PostgreSqlLogOptions.Retention)] =
            static (ref options, setting) => options.Retention = setting.Parts(Retention, options.Retention),
        [nameof(PostgreSqlLogOptions.Retentions)] = static (ref options, setting) =>
        {
            foreach (var (name, parts) in setting.Entries()) options.Retentions[name] = parts.Parts(Retention, new());
        },
        [nameof(PostgreSqlLogOptions.RetentionInterval)] = static (ref options, setting) => options.RetentionInterval = setting.Time,
    };
}
