namespace EventStream.AspNetCore.Configuration;

/// <summary>The options of a log in the app's configuration.</summary>
internal static class LogSettings
{
    public static SettingsTable<EventStreamLogOptions> Table { get; } = new()
    {
        [nameof(EventStreamLogOptions.PublishWait)] = static (ref options, setting) => options.PublishWait = setting.Time,
        [nameof(EventStreamLogOptions.DisconnectTimeout)] = static (ref options, setting) => options.DisconnectTimeout = setting.Time,
    };
}
