using System.Reflection;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>The members that a type declares and that its users or heirs see.</summary>
internal static class MemberListing
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate))) return [];
        if (type.IsEnum) return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name))}");
        var extensions = ExtensionListing.Of(type);
        return Lines(Fields(type), Field)
            .Concat(Lines(Constructors(type), Constructor))
            .Concat(Lines(Properties(type), Property))
            .Concat(Lines(Events(type), Event))
            .Concat(Lines(Methods(type).Where(method => !extensions.Implements(method)), Method))
            .Concat(extensions.Lines);
    }

    /// <summary>One method, as it would be declared.</summary>
    public static string Method(MethodInfo method)
    {
        var returned = TypeName.Of(method.ReturnType, method.ReturnParameter, method);
        var name = method.IsGenericMethod ? $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(TypeName.Of))}>" : method.Name;
        var declared = method.Name switch
        {
            "op_Implicit" => $"implicit operator {returned}",
            "op_Explicit" => $"explicit operator {returned}",
            "op_Equality" => $"{returned} operator ==",
            "op_Inequality" => $"{returned} operator !=",
            _ when method.IsSpecialName => $"{returned} operator {method.Name["op_".Length..]}",
            _ => $"{returned} {name}",
        };
        return $"{Signature.Attributes(method)}{Modifiers(method)}{declared}{Signature.Parameters(method.GetParameters())}{Signature.Constraints(method.GetGenericArguments())}";
    }

    private static IEnumerable<string> Lines<TMember>(IEnumerable<TMember> members, Func<TMember, string> line)
        where TMember : MemberInfo =>
        members.Select(member => (member.Name, Line: line(member))).OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Line, StringComparer.Ordinal).Select(pair => pair.Line);

    private static IEnumerable<FieldInfo> Fields(Type type) => type.GetFields(Declared)
        .Where(field => field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && !type.IsSealed));

    private static string Field(FieldInfo field)
    {
        var kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        var value = field.IsLiteral ? $" = {Signature.Literal(field.GetRawConstantValue())}" : "";
        return $"{(field.IsPublic ? "public" : "protected")} {kind}{TypeName.Of(field.FieldType, field, field.DeclaringType)} {field.Name}{value}";
    }

    private static IEnumerable<ConstructorInfo> Constructors(Type type) => type.GetConstructors(Declared)
        .Where(constructor => IsVisible(constructor) && !constructor.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static string Constructor(ConstructorInfo constructor) =>
        $"{Signature.Attributes(constructor)}{Access(constructor)}{constructor.DeclaringType!.Name.Split('`')[0]}{Signature.Parameters(constructor.GetParameters())}";

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(Declared)
        .Where(property => property.GetAccessors(nonPublic: true).Any(IsVisible));

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(IsVisible).ToList();
        var widest = accessors.Find(accessor => accessor.IsPublic) ?? accessors[0];
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var index = Signature.Parameters(property.GetIndexParameters());
        var name = index == "()" ? property.Name : $"this[{index[1..^1]}]";
        var body = string.Concat(accessors.Select(accessor => $"{(accessor.IsPublic || accessor == widest ? "" : "protected ")}{Accessor(property, accessor)}; "));
        return $"{Signature.Attributes(property)}{Modifiers(widest)}{required}{TypeName.Of(property.PropertyType, property, property.DeclaringType)} {name} {{ {body}}}";
    }

    private static string Accessor(PropertyInfo property, MethodInfo accessor)
    {
        if (accessor == property.GetMethod) return "get";
        return accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init" : "set";
    }

    private static IEnumerable<EventInfo> Events(Type type) => type.GetEvents(Declared).Where(one => IsVisible(one.AddMethod!));

    private static string Event(EventInfo one) =>
        $"{Modifiers(one.AddMethod!)}event {TypeName.Of(one.EventHandlerType!, one, one.DeclaringType)} {one.Name}";

    private static IEnumerable<MethodInfo> Methods(Type type) => type.GetMethods(Declared)
        .Where(method => IsVisible(method) && !method.IsDefined(typeof(CompilerGeneratedAttribute)))
        .Where(method => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static string Access(MethodBase method) => method.IsPublic ? "public " : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface) return method.IsStatic ? "static " : "";
        var kind = (method.IsStatic, method.IsAbstract, method.IsVirtual && !method.IsFinal, method.GetBaseDefinition() != method) switch
        {
            (true, _, _, _) => "static ",
            (_, true, _, _) => "abstract ",
            (_, _, true, true) => "override ",
            (_, _, true, false) => "virtual ",
            _ => "",
        };
        return Access(method) + kind;
    }
}
