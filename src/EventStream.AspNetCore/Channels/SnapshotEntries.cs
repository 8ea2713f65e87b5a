namespace EventStream.AspNetCore.Channels;

/// <summary>A snapshot as entries for the app's loop.</summary>
/// <param name="Gap">The gap.</param>
/// <param name="At">The sequence after which the channel continues.</param>
/// <param name="Messages">The messages, encoded.</param>
internal sealed record SnapshotEntries(EventStreamGap Gap, long At, RingEntry[] Messages) : Snapshot(Gap, At)
{
    public static SnapshotEntries Encode(ChannelHistory history, EventStreamGap gap, long at, EventStreamSnapshot snapshot)
    {
        var host = history.Definition.Host;
        List<RingEntry> messages = new(snapshot.Messages.Count);
        foreach (var message in snapshot.Messages)
        {
            Check(message, history);
            if (message.IsEmpty) continue;
            messages.Add(FrameBytes.Encode(message, host.Json) with { Sequence = at, PublishedAt = host.Time.GetTimestamp() });
        }

        return new(gap, at, [.. messages]);
    }
}
