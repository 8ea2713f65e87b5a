namespace EventStream.AspNetCore.Configuration;

/// <summary>The options of a channel in the app's configuration.</summary>
internal static class ChannelSettings
{
    public static SettingsTable<EventStreamChannelOptions> Table { get; } = new()
    {
        [nameof(EventStreamChannelOptions.Capacity)] = static (ref options, setting) => options.Capacity = setting.Int,
        [nameof(EventStreamChannelOptions.MaxBytes)] = static (ref options, setting) => options.MaxBytes = setting.Long,
        [nameof(EventStreamChannelOptions.MaxAge)] = static (ref options, setting) => options.MaxAge = setting.TimeOrNull,
        [nameof(EventStreamChannelOptions.InMemory)] = static (ref options, setting) => options.InMemory = setting.Bool,
        [nameof(EventStreamChannelOptions.Start)] =
            static (ref options, setting) => options.Start = setting.IsNull ? null : StartText.Read(setting.Text),
        [nameof(EventStreamChannelOptions.OnGap)] = CodeText.Refuse,
        [nameof(EventStreamChannelOptions.LatestByKey)] = static (ref options, setting) => options.LatestByKey = setting.Bool,
        [nameof(EventStreamChannelOptions.AuthorizationPolicy)] =
            static (ref options, setting) => options.AuthorizationPolicy = setting.TextOrNull,
        [nameof(EventStreamChannelOptions.CreateOnSubscribe)] = static (ref options, setting) => options.CreateOnSubscribe = setting.Bool,
        [nameof(EventStreamChannelOptions.OnUnknown)] = CodeText.Refuse,
        [nameof(EventStreamChannelOptions.IdleTimeout)] = static (ref options, setting) => options.IdleTimeout = setting.Time,
        [nameof(EventStreamChannelOptions.Protocol)] =
            static (ref options, setting) => options.Protocol = ProtocolSettings.Read(setting, options.Protocol),
        [nameof(EventStreamChannelOptions.OnJoined)] = CodeText.Refuse,
        [nameof(EventStreamChannelOptions.OnLeft)] = CodeText.Refuse,
    };
}
