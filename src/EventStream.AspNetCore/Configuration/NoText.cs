namespace EventStream.AspNetCore.Configuration;

/// <summary>Refuses text for an option that has none: an option that is left out in silence is a fault that nobody finds.</summary>
internal sealed class NoText : OptionText
{
    protected override object Parse(string text) => throw new FormatException(
        "This option cannot be given as text. Set a function in C#, where the options are configured. Give a message by its parts, "
        + "such as \"Event\" and \"Data\".");
}
