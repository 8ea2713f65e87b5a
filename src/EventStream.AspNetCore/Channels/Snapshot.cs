using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Channels;

/// <summary>The state that a subscriber gets after a gap.</summary>
/// <remarks>Checked and encoded before the gap is announced, so that a faulty one has sent nothing.</remarks>
/// <param name="Gap">What it stands for.</param>
/// <param name="At">The sequence after which the channel goes on.</param>
internal abstract record Snapshot(EventStreamGap Gap, long At)
{
    /// <summary>Checks what <c>OnGap</c> returned, and finds the sequence after which the channel goes on.</summary>
    /// <param name="snapshot">What it returned.</param>
    /// <param name="gap">The gap.</param>
    /// <param name="after">Where the channel went on when the gap was found.</param>
    /// <param name="history">The history in which the gap is by now.</param>
    /// <param name="origin">The epoch of the position before the channel's first message; null: there is none.</param>
    public static long After(EventStreamSnapshot? snapshot, EventStreamGap gap, long after, ChannelHistory history, string? origin)
    {
        if (snapshot is null)
        {
            throw new InvalidOperationException(
                $"OnGap of the channel '{history.Name}' returned null. Return a snapshot without messages where there is no state.");
        }

        var at = snapshot.At ?? gap.Newest;
        var isContinued = history.Continues is { } last && at.Epoch == last.Epoch && at.Sequence <= last.Sequence;
        var isOrigin = at.Sequence == 0 && at.Epoch == origin;
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

    /// <summary>Checks a message of a snapshot.</summary>
    protected static void Check(EventStreamMessage message, ChannelHistory history)
    {
        ReservedEvents.Check(message.Event, history.Definition.Protocol);
        if (message.Id is null) return;
        throw new InvalidOperationException(
            $"OnGap of the channel '{history.Name}' returned a message with the id '{message.Id}'. "
            + "Leave it out: the client gets the position once it has the whole snapshot.");
    }
}
