using System.Reflection;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>The line that declares a type: modifiers, kind, name, bases and constraints.</summary>
internal static class TypeListing
{
    public static string Head(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"public delegate {TypeName.Of(invoke.ReturnType, invoke.ReturnParameter, invoke)} {TypeName.Of(type)}{Signature.Parameters(invoke.GetParameters())}{Signature.Constraints(type.GetGenericArguments())}";
        }

        var bases = Bases(type).ToList();
        return $"{Signature.Attributes(type)}public {Kind(type)} {TypeName.Of(type)}{(bases.Count == 0 ? "" : " : " + string.Join(", ", bases))}{Signature.Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type)
    {
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;
        var record = type.GetMethod("PrintMembers", Hidden) is null ? "" : "record ";
        if (type.IsEnum) return "enum";
        if (type.IsInterface) return "interface";
        if (type.IsValueType) return (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + record + "struct";
        return (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static class",
            (true, false) => $"abstract {record}class",
            (false, true) => $"sealed {record}class",
            _ => $"{record}class",
        };
    }

    private static IEnumerable<string> Bases(Type type)
    {
        if (type.IsEnum) return Enum.GetUnderlyingType(type) == typeof(int) ? [] : [TypeName.Of(Enum.GetUnderlyingType(type))];
        var plain = type.BaseType is null || type.BaseType == typeof(object) || type.BaseType == typeof(ValueType);
        var inherited = type.GetInterfaces().SelectMany(one => one.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []);
        return (plain ? Array.Empty<Type>() : [type.BaseType!])
            .Concat(type.GetInterfaces().Except(inherited).Where(one => one.IsPublic).OrderBy(one => one.Name, StringComparer.Ordinal))
            .Select(one => TypeName.Of(one));
    }
}
