using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>A snapshot as frames of a response.</summary>
/// <param name="Gap">The gap.</param>
/// <param name="At">The sequence after which the channel continues.</param>
/// <param name="Parts">
/// The frames except the last, without ids, so that a client whose connection breaks among them resumes before the gap. They can be written
/// only once.
/// </param>
/// <param name="Last">The last frame, without its id. It has data, so it can carry the id.</param>
internal sealed record SnapshotFrames(EventStreamGap Gap, long At, FrameParts Parts, FrameParts Last) : Snapshot(Gap, At)
{
    /// <summary>Whether there is a last frame that can carry an id.</summary>
    public bool HasLast { get; } = Last.Any;

    /// <summary>Encodes a snapshot.</summary>
    /// <param name="history">The channel's current history.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="at">The sequence after which the stream continues.</param>
    /// <param name="snapshot">The result of <c>OnGap</c>.</param>
    /// <param name="eventNameOf">Returns a message's event name on the stream, from its own.</param>
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

                // Copied, because the bytes are sent later, and the app's enumerator may reuse their array for the next message.
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
