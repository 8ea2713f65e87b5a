using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>
/// A snapshot that a subscriber gets after a gap, checked and encoded before the gap is told: what is wrong with it has sent nothing.
/// </summary>
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

    /// <summary>Checks and encodes a snapshot.</summary>
    /// <param name="history">The history in which the gap is.</param>
    /// <param name="origin">The epoch of the position before the channel's first message; null: it has none.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="after">The sequence after which the history went on when the gap was found.</param>
    /// <param name="snapshot">What <c>OnGap</c> returned.</param>
    /// <param name="eventNameOf">From a message's own event name to that on the stream.</param>
    public static SnapshotFrames Encode(
        ChannelHistory history,
        string? origin,
        EventStreamGap gap,
        long after,
        EventStreamSnapshot? snapshot,
        Func<string?, string?> eventNameOf)
    {
        if (snapshot is null)
        {
            throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned null. Return a snapshot without messages where there is no state.");
        }

        var at = After(snapshot, gap, after, history, origin);
        var definition = history.Definition;
        var buffer = WriteBuffer.Rent();
        try
        {
            FrameParts parts = new();
            FrameParts last = new();
            var left = snapshot.Messages.Count;
            foreach (var message in snapshot.Messages)
            {
                ReservedEvents.Check(message.Event, definition.Protocol);
                if (message.Id is not null)
                {
                    throw new InvalidOperationException(
                        $"OnGap of the channel '{history.Name}' returned a message with the id '{message.Id}'. "
                        + "Leave it out: the client gets the position once it has the whole snapshot.");
                }

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

    /// <summary>
    /// The sequence after which the ring goes on once the snapshot is sent; <paramref name="after"/> is where it went on when the gap was
    /// found.
    /// </summary>
    private static long After(EventStreamSnapshot snapshot, EventStreamGap gap, long after, ChannelHistory history, string? origin)
    {
        var at = snapshot.At == default ? gap.Newest : snapshot.At;
        var isContinued = at.Epoch == history.Continues.Epoch && at.Sequence <= history.Continues.Sequence;
        var isOrigin = at is { Sequence: 0, Epoch: { } epoch } && epoch == origin;
        if ((at.Epoch != history.Epoch && at.Epoch != gap.Newest.Epoch && !isOrigin && !isContinued) || at.Sequence > history.Newest)
        {
            throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned a snapshot at '{at}', which is no position of this channel. "
                + "Use what PublishAsync returned, or leave it out.");
        }

        // Messages between such a snapshot and the ring are lost as before: the subscriber would get a gap and a snapshot again, without
        // end.
        return at.Sequence >= after
            ? at.Sequence
            : throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned a snapshot at '{at}', and what followed that is not retained any more. "
                + "Take the position when the state is read, not when it last changed; or leave it out.");
    }
}
