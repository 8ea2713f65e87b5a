using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A snapshot that a subscriber gets after a gap, checked and encoded before the gap is told: what is wrong with it has sent nothing.</summary>
/// <param name="Gap">What it stands for.</param>
/// <param name="At">The sequence after which the log goes on.</param>
/// <param name="Parts">
/// The frames but the last, without ids: a client that is cut among them comes back to the gap. They are written once.
/// </param>
/// <param name="Last">The last frame without an id; it has data, and so can carry one.</param>
internal sealed record SnapshotFrames(EventStreamGap Gap, long At, FrameParts Parts, FrameParts Last)
{
    /// <summary>Whether there is a last frame that can carry an id.</summary>
    public bool HasLast { get; } = Last.Any;

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
            FrameParts last = new();
            var left = snapshot.Messages.Count;
            foreach (var message in snapshot.Messages)
            {
                ReservedEvents.Check(message.Event, channel.Definition.Protocol);
                if (message.Id is not null)
                {
                    throw new InvalidOperationException($"OnGap of the channel '{channel.Name}' returned a message with the id '{message.Id}'. Leave it out: the client gets the position once it has the whole snapshot.");
                }

                // Copied, because the bytes leave later, and the enumerator may use their array again for the next message.
                var kept = message.Data.Bytes.Length > FramePart.PieceSize ? message with { Data = message.Data.Bytes.ToArray() } : message;
                if (--left == 0 && message.Data.HasValue)
                {
                    buffer.MoveTo(parts);
                    FrameEncoder.Write(buffer, kept, channel.Json);
                    buffer.MoveTo(last);
                    break;
                }

                FrameEncoder.Write(buffer, kept, channel.Json);
                if (buffer.Size >= FramePart.PieceSize) buffer.MoveTo(parts);
            }

            buffer.MoveTo(parts);
            return new(gap, at, parts, last);
        }
        finally
        {
            buffer.Return();
        }
    }
}
