using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>The state that a subscriber gets after a gap.</summary>
/// <remarks>It is checked and encoded before the gap is announced, so that nothing is sent for an invalid snapshot.</remarks>
/// <param name="Gap">The gap.</param>
/// <param name="At">The sequence after which the channel continues.</param>
internal abstract record Snapshot(EventStreamGap Gap, long At)
{
    /// <summary>Checks the result of <c>OnGap</c>, and finds the sequence after which the channel continues.</summary>
    /// <param name="snapshot">The result of <c>OnGap</c>.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="after">The sequence after which the channel continued when the gap was found.</param>
    /// <param name="history">The channel's current history.</param>
    /// <param name="origin">The epoch of the position before the channel's first message; null if there is none.</param>
    public static long After(EventStreamSnapshot? snapshot, EventStreamGap gap, long after, ChannelHistory history, string? origin)
    {
        if (snapshot is null)
        {
            throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned null. Return a snapshot without messages if there is no state.");
        }

        var at = snapshot.At ?? gap.Newest;
        var isContinued = history.Continues is { } last && at.Epoch == last.Epoch && at.Sequence <= last.Sequence;
        var isOrigin = at.Sequence == 0 && at.Epoch == origin;
        if ((at.Epoch != history.Epoch && at.Epoch != gap.Newest.Epoch && !isOrigin && !isContinued) || at.Sequence > history.Newest)
        {
            throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned a snapshot at '{at}', which is no position of this channel. "
                + "Use a position that PublishAsync returned, or leave At out.");
        }

        // The messages between an older snapshot and the ring are lost, so the subscriber would get a gap and a snapshot again, without
        // end.
        return at.Sequence >= after
            ? at.Sequence
            : throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned a snapshot at '{at}', and the messages after it are no longer retained. "
                + "Take the position when the state is read, not when it last changed, or leave At out.");
    }

    /// <summary>Checks a message of a snapshot.</summary>
    protected static void Check(EventStreamMessage message, ChannelHistory history)
    {
        ReservedEvents.Check(message.Event, history.Definition.Protocol);
        if (message.Id is null) return;
        throw new InvalidOperationException(
            $"OnGap of the channel '{history.Name}' returned a message with the id '{message.Id}'. "
            + "Leave the id out: the client gets the position once it has the whole snapshot.");
    }
}
