namespace EventStream.AspNetCore.Configuration;

/// <summary>Refuses text for an option that is code.</summary>
/// <remarks>If the option were ignored, the mistake would be hard to find.</remarks>
internal sealed class CodeText : OptionText
{
    private const string Refusal = "This option cannot be given as text. Set it in C#, where the options are configured.";

    /// <summary>Refuses an entry in a <see cref="SettingsTable{T}"/>.</summary>
    public static void Refuse<T>(ref T options, Setting setting) => throw new FormatException(Refusal);

    protected override object Parse(string text) => throw new FormatException(Refusal);
}
