using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Api.Listing;

/// <summary>The parts that signatures share: parameters with their defaults, constraints, and the attributes that callers feel.</summary>
internal static class Signature
{
    public static string Parameters(ParameterInfo[] parameters) => $"({string.Join(", ", parameters.Select(Parameter))})";

    public static string Constraints(Type[] genericArguments) => string.Concat(
        genericArguments
            .Where(argument => argument.IsGenericParameter)
            .Select(argument => (argument.Name, Rules: string.Join(", ", Rules(argument))))
            .Where(constraint => constraint.Rules.Length > 0)
            .Select(constraint => $" where {constraint.Name} : {constraint.Rules}"));

    public static string Attributes(MemberInfo member)
    {
        var text = "";
        if (member.GetCustomAttribute<OverloadResolutionPriorityAttribute>() is { } priority) text += $"[OverloadResolutionPriority({priority.Priority})] ";
        if (member.GetCustomAttribute<ObsoleteAttribute>() is { } obsolete) text += $"[Obsolete(\"{obsolete.Message}\", {Literal(obsolete.IsError)})] ";
        return text;
    }

    public static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        Enum flag => $"{TypeName.Of(flag.GetType())}.{flag}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Parameter(ParameterInfo parameter)
    {
        var modifier = (parameter.ParameterType.IsByRef, parameter.IsOut, parameter.IsIn) switch
        {
            (true, true, _) => "out ",
            (true, _, true) => "in ",
            (true, _, _) => "ref ",
            _ => "",
        };
        if (parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute))) modifier += "params ";
        if (parameter.Position == 0 && parameter.Member.IsDefined(typeof(ExtensionAttribute))) modifier += "this ";
        return $"{modifier}{TypeName.Of(parameter.ParameterType, parameter, parameter.Member)} {parameter.Name}{Default(parameter)}";
    }

    private static string Default(ParameterInfo parameter)
    {
        if (!parameter.HasDefaultValue) return "";
        var isDefaultOfStruct = parameter.DefaultValue is null && parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null;
        return $" = {(isDefaultOfStruct ? "default" : Literal(parameter.DefaultValue))}";
    }

    private static IEnumerable<string> Rules(Type argument)
    {
        var rules = argument.GenericParameterAttributes;
        var isStruct = rules.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (isStruct) yield return "struct";
        if (rules.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) yield return "class";
        foreach (var type in argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType))) yield return TypeName.Of(type);
        if (!isStruct && rules.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) yield return "new()";
        if (rules.HasFlag(GenericParameterAttributes.AllowByRefLike)) yield return "allows ref struct";
    }
}
