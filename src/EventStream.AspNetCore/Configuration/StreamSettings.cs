namespace EventStream.AspNetCore.Configuration;

/// <summary>The options of streams in the app's configuration.</summary>
internal static class StreamSettings
{
    private static readonly SettingsTable<EventStreamMessage> Message = new()
    {
        [nameof(EventStreamMessage.Event)] = static (ref message, setting) => message = message with { Event = setting.TextOrNull },
        [nameof(EventStreamMessage.Data)] = static (ref message, setting) => message = message with { Data = setting.Text },
    };

    public static SettingsTable<EventStreamOptions> Table { get; } = new()
    {
        [nameof(EventStreamOptions.KeepAliveInterval)] = static (ref options, setting) => options.KeepAliveInterval = setting.TimeOrNull,
        [nameof(EventStreamOptions.KeepAlive)] = static (ref options, setting) => options.KeepAlive = KeepAliveText.Read(setting.Text),
        [nameof(EventStreamOptions.SendKeepAliveInterval)] =
            static (ref options, setting) => options.SendKeepAliveInterval = setting.Bool,
        [nameof(EventStreamOptions.Retry)] = static (ref options, setting) => options.Retry = setting.TimeOrNull,
        [nameof(EventStreamOptions.DrainRetry)] = static (ref options, setting) => options.DrainRetry = setting.Time,
        [nameof(EventStreamOptions.DrainTimeout)] = static (ref options, setting) => options.DrainTimeout = setting.Time,
        [nameof(EventStreamOptions.MaxLifetime)] = static (ref options, setting) => options.MaxLifetime = setting.TimeOrNull,
        [nameof(EventStreamOptions.CloseOnAuthenticationExpiration)] =
            static (ref options, setting) => options.CloseOnAuthenticationExpiration = setting.Bool,
        [nameof(EventStreamOptions.ReauthorizationInterval)] =
            static (ref options, setting) => options.ReauthorizationInterval = setting.TimeOrNull,
        [nameof(EventStreamOptions.ReauthorizationGrace)] =
            static (ref options, setting) => options.ReauthorizationGrace = setting.Time,
        [nameof(EventStreamOptions.OnReauthorize)] = CodeText.Refuse,
        [nameof(EventStreamOptions.WriteTimeout)] = static (ref options, setting) => options.WriteTimeout = setting.TimeOrNull,
        [nameof(EventStreamOptions.SourceStopTimeout)] = static (ref options, setting) => options.SourceStopTimeout = setting.Time,
        [nameof(EventStreamOptions.EndOfStream)] =
            static (ref options, setting) =>
                options.EndOfStream = setting.IsNull ? null : setting.Parts(Message, options.EndOfStream ?? default),
        [nameof(EventStreamOptions.Protocol)] =
            static (ref options, setting) => options.Protocol = ProtocolSettings.Read(setting, options.Protocol),
        [nameof(EventStreamOptions.LastEventIdQueryParameter)] =
            static (ref options, setting) => options.LastEventIdQueryParameter = setting.TextOrNull,
        [nameof(EventStreamOptions.FlushWhenIdle)] = static (ref options, setting) => options.FlushWhenIdle = setting.Bool,
        [nameof(EventStreamOptions.DataMediaType)] = static (ref options, setting) => options.DataMediaType = setting.TextOrNull,
        [nameof(EventStreamOptions.OnError)] = CodeText.Refuse,
        [nameof(EventStreamOptions.ExcludeFromRequestDuration)] =
            static (ref options, setting) => options.ExcludeFromRequestDuration = setting.Bool,
    };
}
