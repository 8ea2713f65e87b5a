using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Logs;

/// <summary>Messages of one channel on their way into the log, which this node's own subscribers get without reading them back.</summary>
internal sealed class ChannelAppend(EventStreamLogRecord[] records, DurableChannel channel, LogEntry[] entries) : PendingAppend(records)
{
    protected override void Appended(EventStreamPosition[] positions) => channel.Take(entries, Records, positions);
}
