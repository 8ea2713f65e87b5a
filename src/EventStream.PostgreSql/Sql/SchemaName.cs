using System.Text;

namespace EventStream.PostgreSql.Sql;

/// <summary>The name of the package's schema, quoted for SQL: a table in it is <c>$"{schema}.message"</c>.</summary>
internal sealed class SchemaName
{
    /// <summary>The most bytes of a name. PostgreSQL would truncate a longer one, and two names might become equal.</summary>
    private const int MaxBytes = 63;

    private readonly string _quoted;

    public SchemaName(string name)
    {
        if (Fault(name) is { } fault) throw new ArgumentException(fault, nameof(name));
        Text = name;
        _quoted = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The unquoted name, which is also that of the notifications.</summary>
    public string Text { get; }

    /// <summary>What is wrong with a name; null if it is valid.</summary>
    public static string? Fault(string? name) => name switch
    {
        null or "" => "Schema is empty. Set the name of a schema, such as 'eventstream'.",
        _ when name.Any(char.IsControl) => "The schema's name has a control character. Remove it.",
        _ when name.StartsWith("pg_", StringComparison.Ordinal) =>
            $"The schema's name '{name}' begins with pg_, which PostgreSQL reserves. Choose another name.",
        _ when Encoding.UTF8.GetByteCount(name) > MaxBytes =>
            $"The schema's name '{name}' is longer than {MaxBytes} bytes. Choose a shorter name.",
        _ => null,
    };

    /// <summary>A text as an SQL literal.</summary>
    /// <remarks>The escape form (<c>E'…'</c>) has the same meaning under all settings of the server.</remarks>
    public static string LiteralOf(string text) =>
        $"E'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    public override string ToString() => _quoted;
}
