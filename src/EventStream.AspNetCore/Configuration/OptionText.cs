using System.ComponentModel;
using System.Globalization;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Converts the text of an option in the app's configuration to its value.</summary>
/// <remarks>The configuration's binder uses the converter of an option's type. Without one, it ignores the option.</remarks>
internal abstract class OptionText : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    // False, because serialisers that use converters would otherwise write such text for the value.
    public override bool CanConvertTo(ITypeDescriptorContext? context, Type? destinationType) => false;

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => Parse((string)value);

    /// <summary>Parses the value.</summary>
    /// <exception cref="FormatException">The text is no value. The exception's message lists the possible texts.</exception>
    protected abstract object Parse(string text);

    protected static bool Is(string text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the argument in <c>Name(argument)</c>; null if the text has another form.</summary>
    protected static string? Argument(string text, string name) =>
        text.StartsWith($"{name}(", StringComparison.OrdinalIgnoreCase) && text.EndsWith(')') ? text[(name.Length + 1)..^1].Trim() : null;
}
