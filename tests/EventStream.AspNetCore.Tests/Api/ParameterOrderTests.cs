using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>Parameters have one order: what is meant, changes of options, contracts and keys of services, and the token last.</summary>
/// <remarks>The client's methods have the order of <c>HttpClient</c>'s own for JSON (docs/decisions, 84).</remarks>
public sealed class ParameterOrderTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("EventStream.AI")]
    [InlineData("EventStream.AspNetCore")]
    [InlineData("EventStream.PostgreSql")]
    [InlineData("EventStream.Testing")]
    [InlineData("EventStream.Testing.Logs")]
    public async Task Parameters_OfEachPublicMethod_AreInOneOrder(string package) =>
        MethodsOf(package).Where(method => !IsOrdered(method)).Should().BeEmpty();

    [Theory(Timeout = 30_000)]
    [InlineData("EventStream.AI")]
    [InlineData("EventStream.AspNetCore")]
    [InlineData("EventStream.Client")]
    [InlineData("EventStream.PostgreSql")]
    [InlineData("EventStream.Testing")]
    [InlineData("EventStream.Testing.Logs")]
    public async Task Overloads_OfEachPublicMethod_DifferInMoreThanTheOrder(string package) =>
        MethodsOf(package).Select(Unordered).Should().OnlyHaveUniqueItems();

    [Fact(Timeout = 30_000)]
    public async Task Order_OfAMethodThatBreaksIt_IsFound()
    {
        var method = typeof(Broken).GetMethod(nameof(Broken.Read))!;

        IsOrdered(method).Should().BeFalse();
    }

    private static IEnumerable<MethodBase> MethodsOf(string package) => Assembly.Load(package).GetExportedTypes()
        .Where(type => !type.IsSubclassOf(typeof(Delegate)))
        .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .OfType<MethodBase>();

    /// <summary>The method with the types of its parameters, in the order of their names.</summary>
    private static string Unordered(MethodBase method)
    {
        var generic = method.IsGenericMethod ? method.GetGenericArguments().Length : 0;
        var types = method.GetParameters().Select(parameter => $"{parameter.ParameterType}").Order();
        return $"{method.DeclaringType} {method.Name}`{generic} {string.Join(", ", types)}";
    }

    private static bool IsOrdered(MethodBase method)
    {
        var ranks = method.GetParameters().Select(RankOf).ToArray();
        return ranks.SequenceEqual(ranks.Order());
    }

    private static int RankOf(ParameterInfo parameter) =>
        parameter.ParameterType is var type && type == typeof(CancellationToken) ? 3
        : parameter.Name == "serviceKey" ? 2
        : type == typeof(JsonSerializerOptions) || type.IsAssignableTo(typeof(JsonTypeInfo)) ? 2
        : type.Name.StartsWith("Action`", StringComparison.Ordinal) && type.GenericTypeArguments[^1].Name.EndsWith("Options") ? 1
        : 0;

    private static class Broken
    {
        public static string Read(JsonSerializerOptions json, Action<EventStreamOptions> configure) => $"{json}{configure}";
    }
}
