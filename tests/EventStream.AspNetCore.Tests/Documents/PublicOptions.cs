using System.Reflection;
using EventStream.Client;
using EventStream.PostgreSql;
using EventStream.Testing.Logs;

namespace EventStream.AspNetCore.Tests.Documents;

/// <summary>Every option of every package: what a user can set, and the collections that a user fills.</summary>
internal static class PublicOptions
{
    private static readonly Assembly[] Packages =
    [
        typeof(EventStreamOptions).Assembly,
        typeof(EventStreamClientOptions).Assembly,
        typeof(PostgreSqlLogOptions).Assembly,
        typeof(TestEventSource).Assembly,
        typeof(LogStore).Assembly,
    ];

    // Parts of options, which do not have that name.
    private static readonly Type[] Parts = [typeof(EventStreamProtocol), typeof(PostgreSqlRetention)];

    public static IEnumerable<Type> Types =>
        Packages.SelectMany(package => package.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) || Parts.Contains(type));

    /// <summary>The options that the type declares itself.</summary>
    public static IEnumerable<PropertyInfo> Of(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => property.SetMethod?.IsPublic == true || property.PropertyType.IsGenericType);
}
