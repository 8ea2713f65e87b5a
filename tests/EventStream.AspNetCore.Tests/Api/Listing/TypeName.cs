using System.Reflection;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>A type as C# writes it, without its namespace.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(string)] = "string",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(ushort)] = "ushort",
        [typeof(void)] = "void",
    };

    /// <summary>The name alone, as where the type is declared.</summary>
    public static string Of(Type type) => Write(type, nullability: null);

    /// <summary>The name with its question marks, as where the type is used.</summary>
    public static string Of(Type type, ICustomAttributeProvider annotated, MemberInfo? around) => Write(type, Nullability.Of(annotated, around));

    private static string Write(Type type, Nullability? nullability)
    {
        if (type.IsByRef) return Write(type.GetElementType()!, nullability);
        if (Nullable.GetUnderlyingType(type) is { } value) return Write(value, nullability) + "?";

        // A plain value type has no flag; a generic one has a flag that says nothing.
        var hasFlag = !type.IsValueType || type.IsGenericType;
        var mark = hasFlag && nullability?.NextMayBeNull() == true && !type.IsValueType ? "?" : "";
        if (type.IsArray) return Write(type.GetElementType()!, nullability) + "[]" + mark;
        if (Keywords.TryGetValue(type, out var keyword)) return keyword + mark;
        return Qualified(type, nullability) + mark;
    }

    private static string Qualified(Type type, Nullability? nullability)
    {
        if (type.IsGenericParameter) return type.Name;
        var outer = type.IsNested ? $"{Of(type.DeclaringType!)}." : "";
        if (!type.IsGenericType) return outer + type.Name;
        var arguments = type.GetGenericArguments().Select(argument => Write(argument, nullability));
        return $"{outer}{type.Name.Split('`')[0]}<{string.Join(", ", arguments)}>";
    }
}
