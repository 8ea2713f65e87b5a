namespace EventStream.AspNetCore.Configuration;

/// <summary>Reads a protocol in the app's configuration: its name, or its parts.</summary>
internal static class ProtocolSettings
{
    public static SettingsTable<EventStreamProtocol> Table { get; } = new()
    {
        [nameof(EventStreamProtocol.First)] = CodeText.Refuse,
        [nameof(EventStreamProtocol.Gap)] = CodeText.Refuse,
        [nameof(EventStreamProtocol.End)] = CodeText.Refuse,
        [nameof(EventStreamProtocol.Unauthorized)] = CodeText.Refuse,
        [nameof(EventStreamProtocol.IdOnlyFrames)] =
            static (ref protocol, setting) => protocol = protocol with { IdOnlyFrames = setting.Bool },
        [nameof(EventStreamProtocol.LoneLines)] = static (ref protocol, setting) => protocol = protocol with { LoneLines = setting.Bool },
        [nameof(EventStreamProtocol.AllowedEvents)] =
            static (ref protocol, setting) => protocol = protocol with { AllowedEvents = setting.Texts },
    };

    /// <summary>Reads the protocol of an entry; null if the entry is null.</summary>
    /// <param name="setting">The entry.</param>
    /// <param name="before">The protocol whose parts are changed; null for the default protocol.</param>
    public static EventStreamProtocol? Read(Setting setting, EventStreamProtocol? before)
    {
        if (setting.IsNull) return null;
        return setting.HasParts ? setting.Parts(Table, before ?? EventStreamProtocol.Default) : ProtocolText.Read(setting.Text);
    }
}
