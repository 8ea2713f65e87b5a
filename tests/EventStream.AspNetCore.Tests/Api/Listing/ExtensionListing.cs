using System.Reflection;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>The extension members (C# 14) that a static class declares.</summary>
/// <remarks>
/// The compiler keeps each block as a nested type with the declarations, of which each names a second nested type with the receiver; the code is
/// in ordinary static methods beside them.
/// </remarks>
internal sealed class ExtensionListing
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly List<(string Receiver, MethodInfo Member)> _members;

    private ExtensionListing(List<(string Receiver, MethodInfo Member)> members) => _members = members;

    public IEnumerable<string> Lines => _members
        .GroupBy(member => member.Receiver, member => MemberListing.Method(member.Member))
        .OrderBy(block => block.Key, StringComparer.Ordinal)
        .SelectMany(block => block.Order(StringComparer.Ordinal).Select(line => $"    {line}").Prepend($"extension({block.Key})"));

    public static ExtensionListing Of(Type type) => new(
        [.. from block in type.GetNestedTypes()
            where block.Name.StartsWith("<G>", StringComparison.Ordinal)
            from member in block.GetMethods(Declared)
            let marker = member.GetCustomAttribute<ExtensionMarkerAttribute>()
            where marker is not null
            select (Receiver(block, marker.Name), member)]);

    /// <summary>Whether <paramref name="method"/> is only the code of one of these members.</summary>
    public bool Implements(MethodInfo method) => _members.Exists(member => member.Member.Name == method.Name
        && (SameParameters(member.Member, method.GetParameters()) || SameParameters(member.Member, method.GetParameters()[1..])));

    private static bool SameParameters(MethodInfo member, ParameterInfo[] parameters) =>
        member.GetParameters().Select(Written).SequenceEqual(parameters.Select(Written));

    private static string Written(ParameterInfo parameter) => TypeName.Of(parameter.ParameterType);

    private static string Receiver(Type block, string marker)
    {
        var receiver = block.GetNestedType(marker)!.GetMethod("<Extension>$", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)!.GetParameters()[0];
        return $"{TypeName.Of(receiver.ParameterType, receiver, receiver.Member)} {receiver.Name}".TrimEnd();
    }
}
