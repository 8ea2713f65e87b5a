using System.Buffers;

namespace EventStream.Client.Parsing;

/// <summary>The data of an event with several data lines, joined by LF. One owner, the parser; its memory is rented while it is in use.</summary>
internal struct JoinedLines : IDisposable
{
    private byte[] _bytes = [];
    private int _length;

    public JoinedLines()
    {
    }

    public readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Start(ReadOnlySpan<byte> line)
    {
        _length = 0;
        Write(line);
    }

    public void Append(ReadOnlySpan<byte> line)
    {
        Write("\n"u8);
        Write(line);
    }

    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _length < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes.Length, 2 * _bytes.Length));
            Bytes.CopyTo(larger);
            Dispose();
            _bytes = larger;
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
