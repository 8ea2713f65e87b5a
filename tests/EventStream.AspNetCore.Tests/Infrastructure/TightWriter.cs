using System.Buffers;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>An output that gives little more memory than requested, a different piece each time.</summary>
/// <remarks>
/// It overwrites the memory that it has taken back. So code that keeps memory too long, or writes more than it announced, writes wrong
/// bytes.
/// </remarks>
public sealed class TightWriter(Func<int> spare) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _written = new();
    private byte[]? _lent;

    public TightWriter(int spare = 0)
        : this(() => spare)
    {
    }

    public ReadOnlySpan<byte> WrittenSpan => _written.WrittenSpan;

    public int Advances { get; private set; }

    public int LargestHint { get; private set; }

    public void Advance(int count)
    {
        if (_lent is null) throw new InvalidOperationException("Advanced without memory.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _lent.Length);
        Advances++;
        _written.Write(_lent.AsSpan(0, count));
        TakeBack();
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        LargestHint = Math.Max(LargestHint, sizeHint);
        TakeBack();
        _lent = new byte[Math.Max(sizeHint, 1) + spare()];
        return _lent;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void TakeBack()
    {
        _lent?.AsSpan().Fill(0xCC);
        _lent = null;
    }
}
