using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>A large part of a frame, which is sent in pieces.</summary>
/// <remarks>
/// A piece is encoded when the one before it was sent. So a stalled client costs the memory of one piece, and not of the frame. One loop
/// reads it once. The data must not change until then.
/// </remarks>
internal abstract class FramePart(int length)
{
    /// <summary>The approximate bytes of one write. A shorter part is copied.</summary>
    public const int PieceSize = 32 * 1024;

    /// <summary>The part's number of bytes.</summary>
    public int Length { get; } = length;

    /// <summary>Whether all of it was written.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Writes the next bytes: about <paramref name="most"/>, or all that are left.</summary>
    public abstract void WriteNext(IBufferWriter<byte> output, int most);

    /// <summary>Adds the part to an output that can send it in pieces, or writes all of it now.</summary>
    /// <returns>The part's number of bytes.</returns>
    public int WriteTo(IBufferWriter<byte> output)
    {
        if (Length > PieceSize && output is WriteBuffer buffer) buffer.Add(this);
        else while (!IsDone) WriteNext(output, PieceSize);
        return Length;
    }
}
