using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EventStream.Conformance.Tests.Parsing;

/// <summary>
/// A text of the table as it is written: strings with escapes, each perhaps repeated. <c>Rows/README.md</c> lists the escapes.
/// </summary>
internal sealed partial class WrittenText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<(string Escaped, int Times)> _pieces = [];

    /// <summary>Adds the strings at the beginning of <paramref name="written"/>, and returns what follows them.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public string Add(string written)
    {
        var match = Piece.Match(written);
        if (!match.Success) throw new FormatException($"A string in double quotes should stand here: {written}");
        for (; match.Success; match = Piece.Match(written))
        {
            _pieces.Add(
                (
                    match.Groups["text"].Value,
                    match.Groups["times"] is { Success: true, Value: var times } ? int.Parse(times, CultureInfo.InvariantCulture) : 1));
            written = written[match.Length..];
        }

        return written;
    }

    public string ToText(string lineEnd, int number) => Strict.GetString(ToBytes(lineEnd, number));

    public byte[] ToBytes(string lineEnd, int number = 0)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var (escaped, times) in _pieces)
        {
            var counted = times > 1 && escaped.Contains(@"\#", StringComparison.Ordinal);
            var once = counted ? [] : Unescape(escaped, lineEnd, number);
            for (var i = 1; i <= times; i++) bytes.Write(counted ? Unescape(escaped, lineEnd, i) : once);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static byte[] Unescape(string escaped, string lineEnd, int number)
    {
        List<byte> bytes = [];
        var rest = 0;
        foreach (Match match in Escape.Matches(escaped))
        {
            bytes.AddRange(Strict.GetBytes(escaped[rest..match.Index]));
            bytes.AddRange(Meaning(match.Value, lineEnd, number));
            rest = match.Index + match.Length;
        }

        bytes.AddRange(Strict.GetBytes(escaped[rest..]));
        return [.. bytes];
    }

    private static byte[] Meaning(string escape, string lineEnd, int number) => escape[1] switch
    {
        'n' => "\n"u8.ToArray(),
        'r' => "\r"u8.ToArray(),
        't' => "\t"u8.ToArray(),
        '0' => [0],
        '\\' or '"' => [(byte)escape[1]],
        'x' => [byte.Parse(escape.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)],
        'u' =>
            Strict.GetBytes(
                char.ConvertFromUtf32(
                    int.Parse(escape.AsSpan(3, escape.Length - 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture))),
        'e' => Strict.GetBytes(lineEnd),
        '#' => Strict.GetBytes(number.ToString(CultureInfo.InvariantCulture)),
        _ => throw new FormatException($"There is no escape {escape} in the table."),
    };

    [GeneratedRegex("""^\s*"(?<text>(?:[^"\\]|\\.)*)"(?:\s+x\s+(?<times>\d+))?""")]
    private static partial Regex Piece { get; }

    [GeneratedRegex(@"\\(?:x[0-9A-F]{2}|u\{[0-9A-F]+\}|.)")]
    private static partial Regex Escape { get; }
}
