namespace EventStream.AspNetCore.Channels;

/// <summary>A snapshot as entries of a loop of the app's.</summary>
/// <param name="Gap">What it stands for.</param>
/// <param name="At">The sequence after which the channel goes on.</param>
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
