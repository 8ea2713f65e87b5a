namespace EventStream.Client.Parsing;

/// <summary>The data of an event with several data lines, joined by LF.</summary>
/// <remarks>Used by the parser alone. The memory is rented while it is in use.</remarks>
internal struct JoinedLines : IDisposable
{
    private const int UsualSize = 64 * 1024;

    private byte[] _bytes = [];
    private int _length;

    public JoinedLines()
    {
    }

    public readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Start(ReadOnlySpan<byte> line)
    {
        _length = 0;
        Reserve(line.Length);
        line.CopyTo(_bytes);
        _length = line.Length;
    }

    public void Append(ReadOnlySpan<byte> line)
    {
        Reserve(1 + line.Length);
        var free = _bytes.AsSpan(_length);
        free[0] = (byte)'\n';
        line.CopyTo(free[1..]);
        _length += 1 + line.Length;
    }

    /// <summary>Removes the lines, and returns the memory that only a large event needs.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > UsualSize) Dispose();
    }

    public void Dispose()
    {
        LineArrays.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length >= count) return;
        var larger = LineArrays.Rent(Math.Max(_length + count, 2 * _bytes.Length));
        Bytes.CopyTo(larger);
        Dispose();
        _bytes = larger;
    }
}
