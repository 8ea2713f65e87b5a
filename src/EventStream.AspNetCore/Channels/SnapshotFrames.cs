using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A snapshot as frames of a response.</summary>
/// <param name="Gap">What it stands for.</param>
/// <param name="At">The sequence after which the channel goes on.</param>
/// <param name="Parts">
/// The frames but the last, without ids: a client that is cut among them comes back to the gap. They are written once.
/// </param>
/// <param name="Last">The last frame without an id; it has data, and so can carry one.</param>
internal sealed record SnapshotFrames(EventStreamGap Gap, long At, FrameParts Parts, FrameParts Last) : Snapshot(Gap, At)
{
    /// <summary>Whether there is a last frame that can carry an id.</summary>
    public bool HasLast { get; } = Last.Any;

    /// <summary>Encodes a snapshot.</summary>
    /// <param name="history">The history in which the gap is.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="at">The sequence after which the stream goes on.</param>
    /// <param name="snapshot">What <c>OnGap</c> returned.</param>
    /// <param name="eventNameOf">From a message's own event name to that on the stream.</param>
    public static SnapshotFrames Encode(
        ChannelHistory history, EventStreamGap gap, long at, EventStreamSnapshot snapshot, Func<string?, string?> eventNameOf)
    {
        var definition = history.Definition;
        var buffer = WriteBuffer.Rent();
        try
        {
            FrameParts parts = new();
            FrameParts last = new();
            var left = snapshot.Messages.Count;
            foreach (var message in snapshot.Messages)
            {
                Check(message, history);

                // Copied, because the bytes leave later, and the enumerator may use their array again for the next message.
                var kept = message.Data.Bytes.Length > FramePart.PieceSize ? message with { Data = message.Data.Bytes.ToArray() } : message;
                var name = eventNameOf(message.Event);
                if (name != message.Event) kept = kept with { Event = name };
                if (--left == 0 && message.Data.HasValue)
                {
                    buffer.MoveTo(parts);
                    FrameEncoder.Write(buffer, kept, definition.Host.Json);
                    buffer.MoveTo(last);
                    break;
                }

                FrameEncoder.Write(buffer, kept, definition.Host.Json);
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
