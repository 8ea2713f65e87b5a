namespace EventStream.AspNetCore.Configuration;

/// <summary>The limits on open streams in the app's configuration.</summary>
internal static class LimitSettings
{
    public static SettingsTable<EventStreamLimitOptions> Table { get; } = new()
    {
        [nameof(EventStreamLimitOptions.MaxStreams)] = static (ref options, setting) => options.MaxStreams = setting.IntOrNull,
        [nameof(EventStreamLimitOptions.MaxStreamsPerUser)] =
            static (ref options, setting) => options.MaxStreamsPerUser = setting.IntOrNull,
        [nameof(EventStreamLimitOptions.MaxStreamsPerAddress)] =
            static (ref options, setting) => options.MaxStreamsPerAddress = setting.IntOrNull,
        [nameof(EventStreamLimitOptions.MaxSubscribersPerChannel)] =
            static (ref options, setting) => options.MaxSubscribersPerChannel = setting.IntOrNull,
        [nameof(EventStreamLimitOptions.MaxOpensPerSecond)] =
            static (ref options, setting) => options.MaxOpensPerSecond = setting.IntOrNull,
        [nameof(EventStreamLimitOptions.Limiter)] = CodeText.Refuse,
    };
}
