namespace EventStream.AspNetCore.Configuration;

/// <summary>Converts text to the data of a message, unchanged.</summary>
internal sealed class DataText : OptionText
{
    protected override object Parse(string text) => (EventStreamData)text;
}
