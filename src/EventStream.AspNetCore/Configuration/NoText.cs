namespace EventStream.AspNetCore.Configuration;

/// <summary>Refuses text for a message, because text alone does not tell the event from the data.</summary>
internal sealed class NoText : OptionText
{
    protected override object Parse(string text) =>
        throw new FormatException("A message cannot be given as text. Give it by its parts, such as \"Event\" and \"Data\".");
}
