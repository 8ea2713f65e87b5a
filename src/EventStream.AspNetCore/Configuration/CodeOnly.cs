using System.ComponentModel;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Lets the configuration's binder refuse the options that are functions.</summary>
internal static class CodeOnly
{
    /// <summary>Adds a converter that refuses text to a function's type.</summary>
    /// <remarks>
    /// An attribute in code is impossible, because the types are the framework's delegates. The binder ignores the attributes of a
    /// property.
    /// </remarks>
    public static void Refuse<TFunction>()
        where TFunction : Delegate => TypeDescriptor.AddAttributes(typeof(TFunction), new TypeConverterAttribute(typeof(CodeText)));
}
