using System.ComponentModel;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Lets the configuration's binder refuse the options that are functions.</summary>
internal static class CodeOnly
{
    /// <summary>Adds a converter that refuses text, to a type whose values are code.</summary>
    /// <remarks>
    /// An attribute on the type is impossible, because it is the framework's. The binder ignores the attributes of a property.
    /// </remarks>
    public static void Refuse<TCode>()
        where TCode : class => TypeDescriptor.AddAttributes(typeof(TCode), new TypeConverterAttribute(typeof(CodeText)));
}
