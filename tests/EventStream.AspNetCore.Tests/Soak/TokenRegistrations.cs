using System.Reflection;

namespace EventStream.AspNetCore.Tests.Soak;

/// <summary>Counts the callbacks that are registered on a token, which the framework does not tell.</summary>
internal static class TokenRegistrations
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static int Of(CancellationToken token)
    {
        if (Value(token, "_source") is not { } source) return 0;
        var count = 0;
        var node = Value(source, "_registrations") is { } registrations ? Value(registrations, "Callbacks") : null;
        for (; node is not null; node = Value(node, "Next")) count++;
        return count;
    }

    private static object? Value(object of, string field) =>
        (of.GetType().GetField(field, Fields) ?? throw new MissingFieldException(of.GetType().Name, field)).GetValue(of);
}
