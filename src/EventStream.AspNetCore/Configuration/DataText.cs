namespace EventStream.AspNetCore.Configuration;

/// <summary>From text to the data of a message, as it is.</summary>
internal sealed class DataText : OptionText
{
    protected override object Parse(string text) => (EventStreamData)text;
}
