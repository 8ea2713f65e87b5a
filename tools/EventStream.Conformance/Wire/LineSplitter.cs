namespace EventStream.Conformance.Wire;

/// <summary>From bytes, however they are cut up, to lines (WHATWG HTML, 9.2.5).</summary>
internal sealed class LineSplitter
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly List<byte> _line = [];
    private bool _isAfterCr;
    private bool _isFirst = true;

    /// <summary>Whether the stream began with a byte order mark, which is in no line.</summary>
    public bool HasByteOrderMark { get; private set; }

    /// <summary>The lines that <paramref name="bytes"/> complete.</summary>
    /// <exception cref="TooLongException">A line is longer than <see cref="StreamBounds.Longest"/>.</exception>
    public IReadOnlyList<WireLine> Split(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<WireLine>();
        foreach (var next in bytes)
        {
            var isSecondHalf = _isAfterCr && next == '\n';
            _isAfterCr = next == '\r';
            if (isSecondHalf) continue;
            if (next == '\n') lines.Add(Take(LineEnd.Lf));
            else if (next == '\r') lines.Add(Take(LineEnd.Cr));
            else Add(next);
        }

        return lines;
    }

    /// <summary>
    /// What is left at the end of the response; null where the last line was whole, or nothing but a byte order mark came.
    /// </summary>
    public WireLine? Rest() => Take(LineEnd.Nothing) is { IsBlank: false } rest ? rest : null;

    private void Add(byte next)
    {
        if (_line.Count == StreamBounds.Longest) throw new TooLongException($"a line of more than {StreamBounds.Longest >> 20} MiB");
        _line.Add(next);
    }

    private WireLine Take(LineEnd end)
    {
        var bytes = _line.ToArray();
        _line.Clear();
        if (_isFirst && bytes.AsSpan().StartsWith(ByteOrderMark))
        {
            HasByteOrderMark = true;
            bytes = bytes[ByteOrderMark.Length..];
        }

        _isFirst = false;
        return new(bytes, end);
    }
}
