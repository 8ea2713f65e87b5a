using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A snapshot that a subscriber gets after a gap, checked and encoded before the gap is told: what is wrong with it has sent nothing.</summary>
/// <param name="Gap">What it stands for.</param>
/// <param name="At">The sequence after which the log goes on.</param>
/// <param name="Parts">The frames, without ids: one who is cut among them comes back to the gap. They are written once.</param>
internal sealed record SnapshotFrames(EventStreamGap Gap, long At, FrameParts Parts)
{
    public static SnapshotFrames Encode(EventStreamChannel channel, EventStreamGap gap, long after, EventStreamSnapshot? snapshot)
    {
        if (snapshot is null)
        {
            throw new InvalidOperationException($"OnGap of the channel '{channel.Name}' returned null. Return a snapshot without messages where there is no state.");
        }

        var at = channel.PositionOf(snapshot, gap, after);
        var buffer = WriteBuffer.Rent();
        try
        {
            FrameParts parts = new();
            foreach (var message in snapshot.Messages)
            {
                if (message.Id is not null)
                {
                    throw new InvalidOperationException($"OnGap of the channel '{channel.Name}' returned a message with the id '{message.Id}'. Leave it out: the client gets the position once it has the whole snapshot.");
                }

                // Copied, because the bytes leave later, and the enumerator may use their array again for the next message.
                var kept = message.Data.Bytes.Length > FramePart.PieceSize ? message with { Data = message.Data.Bytes.ToArray() } : message;
                FrameEncoder.Write(buffer, kept, channel.Json);
                if (buffer.Size >= FramePart.PieceSize) buffer.MoveTo(parts);
            }

            buffer.MoveTo(parts);
            return new(gap, at, parts);
        }
        finally
        {
            buffer.Return();
        }
    }
}
