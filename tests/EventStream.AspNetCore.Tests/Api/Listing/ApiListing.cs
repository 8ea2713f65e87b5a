using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>The public API of an assembly as text that reads like C#, sorted, so that a review sees each change of it as a changed line.</summary>
internal static class ApiListing
{
    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var types in assembly.GetExportedTypes().GroupBy(type => type.Namespace).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append($"namespace {types.Key}\n");
            foreach (var type in types.Where(type => !IsWrittenByTheCompiler(type)).OrderBy(type => TypeName.Of(type), StringComparer.Ordinal))
            {
                text.Append('\n').Append(Of(type));
            }
        }

        return text.ToString();
    }

    public static string Of(Type type) => string.Concat(MemberListing.Of(type).Select(line => $"    {line}\n").Prepend($"{TypeListing.Head(type)}\n"));

    // The types into which the compiler puts extension members are public, and no name of C#.
    private static bool IsWrittenByTheCompiler(Type type) => type.Name.Contains('<') || type.IsDefined(typeof(CompilerGeneratedAttribute)) || (type.DeclaringType is { } outer && IsWrittenByTheCompiler(outer));
}
