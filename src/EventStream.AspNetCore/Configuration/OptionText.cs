using System.ComponentModel;
using System.Globalization;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Makes the value of an option from its text in the app's configuration.</summary>
/// <remarks>
/// The configuration's binder asks the type of an option for such a converter, and passes over the option in silence where there is none.
/// </remarks>
internal abstract class OptionText : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    // Serialisers that go by converters would take it for the text of the value.
    public override bool CanConvertTo(ITypeDescriptorContext? context, Type? destinationType) => false;

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => Parse((string)value);

    /// <summary>The value.</summary>
    /// <exception cref="FormatException">The text stands for none; the message says what does.</exception>
    protected abstract object Parse(string text);

    protected static bool Is(string text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The argument in <c>Name(argument)</c>; null where the text is something else.</summary>
    protected static string? Argument(string text, string name) =>
        text.StartsWith($"{name}(", StringComparison.OrdinalIgnoreCase) && text.EndsWith(')') ? text[(name.Length + 1)..^1].Trim() : null;
}
