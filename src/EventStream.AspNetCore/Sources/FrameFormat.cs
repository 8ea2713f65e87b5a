using System.Buffers;

namespace EventStream.AspNetCore.Sources;

/// <summary>How an item becomes a frame.</summary>
internal abstract class FrameFormat<TItem>
{
    public abstract string? IdOf(TItem item);

    public abstract int Write(IBufferWriter<byte> output, TItem item);
}
