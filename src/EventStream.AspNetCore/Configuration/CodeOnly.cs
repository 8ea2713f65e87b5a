using System.ComponentModel;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Lets the configuration's binder refuse the options that are functions.</summary>
internal static class CodeOnly
{
    /// <summary>
    /// Gives a function's type a converter that refuses text. An attribute cannot: the types are the framework's delegates, and the
    /// binder does not look at the attributes of a property.
    /// </summary>
    public static void Refuse<TFunction>()
        where TFunction : Delegate => TypeDescriptor.AddAttributes(typeof(TFunction), new TypeConverterAttribute(typeof(CodeText)));
}
