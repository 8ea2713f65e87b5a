namespace EventStream.AspNetCore.Configuration;

/// <summary>Refuses text for an option that is code: an option that is left out in silence is hard to find.</summary>
internal sealed class CodeText : OptionText
{
    protected override object Parse(string text) =>
        throw new FormatException("This option cannot be given as text. Set it in C#, where the options are configured.");
}
