using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace EventStream.AspNetCore.Configuration;

/// <summary>Lets the configuration's binder refuse the options that are functions.</summary>
internal static class CodeOnly
{
    /// <summary>
    /// Gives the type of each function a converter that refuses text. An attribute cannot: the types are the framework's delegates, and the
    /// binder does not look at the attributes of a property.
    /// </summary>
    public static void RefuseFunctions([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type options)
    {
        foreach (var property in options.GetProperties().Where(property => typeof(Delegate).IsAssignableFrom(property.PropertyType)))
        {
            TypeDescriptor.AddAttributes(property.PropertyType, new TypeConverterAttribute(typeof(CodeText)));
        }
    }
}
