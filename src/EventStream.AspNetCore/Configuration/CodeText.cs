namespace EventStream.AspNetCore.Configuration;

/// <summary>Refuses text for an option that is code: an option that is left out in silence is hard to find.</summary>
internal sealed class CodeText : OptionText
{
    private const string Refusal = "This option cannot be given as text. Set it in C#, where the options are configured.";

    /// <summary>The same in a <see cref="SettingsTable{T}"/>.</summary>
    public static void Refuse<T>(ref T options, Setting setting) => throw new FormatException(Refusal);

    protected override object Parse(string text) => throw new FormatException(Refusal);
}
