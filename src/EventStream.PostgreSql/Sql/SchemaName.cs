using System.Text;

namespace EventStream.PostgreSql.Sql;

/// <summary>The name of the package's schema, as it stands in SQL; a table in it is <c>$"{schema}.message"</c>.</summary>
internal sealed class SchemaName
{
    /// <summary>PostgreSQL would cut a longer one, and then two might be the same.</summary>
    private const int MaxBytes = 63;

    private readonly string _quoted;

    public SchemaName(string name)
    {
        if (Fault(name) is { } fault) throw new ArgumentException(fault, nameof(name));
        Text = name;
        _quoted = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The name itself, which is also that of its notifications.</summary>
    public string Text { get; }

    /// <summary>What is wrong with a name; null: nothing.</summary>
    public static string? Fault(string? name) => name switch
    {
        null or "" => "The schema has no name.",
        _ when name.Any(char.IsControl) => "The schema's name has a control character.",
        _ when name.StartsWith("pg_", StringComparison.Ordinal) => $"The schema's name '{name}' begins with pg_, which PostgreSQL keeps for itself.",
        _ when Encoding.UTF8.GetByteCount(name) > MaxBytes => $"The schema's name '{name}' is longer than {MaxBytes} bytes.",
        _ => null,
    };

    /// <summary>A text as it stands in SQL. The escape form means the same whatever the server's settings are.</summary>
    public static string LiteralOf(string text) =>
        $"E'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    public override string ToString() => _quoted;
}
