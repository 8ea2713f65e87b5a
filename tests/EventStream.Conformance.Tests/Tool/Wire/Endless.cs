using System.Text;

namespace EventStream.Conformance.Tests.Tool.Wire;

/// <summary>A connection that begins with a text, and then repeats another; it fails when it is read beyond all measure.</summary>
internal sealed class Endless(string start, string repeated) : MemoryStream
{
    private const int Measure = 64 << 20;

    private readonly byte[] _repeated = Encoding.UTF8.GetBytes(repeated);
    private byte[] _next = Encoding.UTF8.GetBytes(start);
    private int _given;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_given > Measure) throw new InvalidOperationException("It is read on and on.");
        if (_next.Length == 0) _next = _repeated;
        var count = Math.Min(_next.Length, buffer.Length);
        _next.AsMemory(0, count).CopyTo(buffer);
        _next = _next[count..];
        _given += count;
        return new(count);
    }
}
