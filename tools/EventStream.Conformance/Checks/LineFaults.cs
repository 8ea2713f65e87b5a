using System.Text.Unicode;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>The faults of lines, each reported once, with the first line that has it.</summary>
internal sealed class LineFaults
{
    private readonly Dictionary<string, string> _faults = [];

    /// <summary>Null: nothing is wrong.</summary>
    public string? Seen => _faults.Count == 0 ? null : string.Join("; ", _faults.Values);

    public void Add(string fault) => _faults.TryAdd(fault, fault);

    public void Look(WireLine line)
    {
        var text = line.Text;
        if (line.End == LineEnd.Cr) Add("a line ends in CR, or CR and LF", line);
        if (!Utf8.IsValid(line.Bytes)) Add("a line is not UTF-8", line);
        if (text.StartsWith('\uFEFF')) Add("a byte order mark in the middle makes a line an unknown field", line);
        if (line.IsBlank || line.IsComment || line.End == LineEnd.Nothing) return;
        var field = Field.Of(line);
        var (name, value) = field;
        if (name is not ("event" or "data" or "id" or "retry")) Add("a field is unknown", line);
        else if (!HasOneSpace(text, field)) Add("a field has no colon and one space before its value", line);
        if (name == "retry" && (value.Length == 0 || value.AsSpan().ContainsAnyExceptInRange('0', '9')))
        {
            Add("a retry is not a number", line);
        }
    }

    // Two spaces look the same as a value that begins with a space, which only data may have.
    private static bool HasOneSpace(string text, Field field) =>
        text == $"{field.Name}:"
        || (text.StartsWith($"{field.Name}: ", StringComparison.Ordinal) && (field.Name == "data" || !field.Value.StartsWith(' ')));

    private void Add(string fault, WireLine line) => _faults.TryAdd(fault, $"{fault}: '{Printable.Of(line.Text)}'");
}
