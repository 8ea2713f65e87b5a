using System.Buffers;

namespace EventStream.AspNetCore.Wire;

/// <summary>The unsent parts of frames that are sent in pieces, in order.</summary>
internal sealed class FrameParts
{
    private readonly Queue<FramePart> _parts = [];

    /// <summary>Whether there is a part.</summary>
    public bool Any => _parts.Count > 0;

    public void Add(FramePart part) => _parts.Enqueue(part);

    /// <summary>Replaces the content of a buffer by the next piece.</summary>
    /// <returns>False, and the buffer is empty, if nothing is left.</returns>
    public bool TryFill(WriteBuffer piece)
    {
        piece.Clear();
        while (piece.Length < FramePart.PieceSize && _parts.TryPeek(out var part))
        {
            if (!part.IsDone) part.WriteNext(piece, FramePart.PieceSize - piece.Length);
            if (part.IsDone) _parts.Dequeue();
        }

        return piece.Length > 0;
    }

    /// <summary>Moves all parts to an output.</summary>
    /// <returns>Their number of bytes.</returns>
    public int WriteTo(IBufferWriter<byte> output)
    {
        var length = 0;
        while (_parts.TryDequeue(out var part)) length = checked(length + part.WriteTo(output));
        return length;
    }
}
