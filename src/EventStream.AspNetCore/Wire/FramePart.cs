using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>A large part of a frame, which leaves in pieces.</summary>
/// <remarks>
/// A piece is encoded when the piece before it has left, so a stalled client costs one piece and not the frame. Read once, by one loop. The
/// data must not change until then.
/// </remarks>
internal abstract class FramePart(int length)
{
    /// <summary>About how many bytes one write has; a shorter part is copied.</summary>
    public const int PieceSize = 32 * 1024;

    /// <summary>How many bytes the part has.</summary>
    public int Length { get; } = length;

    /// <summary>Whether all of it was written.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Writes the next bytes: about <paramref name="most"/>, or all that are left.</summary>
    public abstract void WriteNext(IBufferWriter<byte> output, int most);

    /// <summary>Hands the part to an output that can send it in pieces, or writes all of it now.</summary>
    /// <returns>How many bytes the part has.</returns>
    public int WriteTo(IBufferWriter<byte> output)
    {
        if (Length > PieceSize && output is WriteBuffer buffer) buffer.Add(this);
        else while (!IsDone) WriteNext(output, PieceSize);
        return Length;
    }
}
