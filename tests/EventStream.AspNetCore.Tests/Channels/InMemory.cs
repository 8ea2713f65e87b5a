using System.Text.Json;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>The log of one process.</summary>
internal sealed class InMemory(EventStreamChannelOptions options) : TestedLog
{
    private readonly string _epoch = Positions.NewEpoch("log");

    public ChannelLog Log { get; } = new(options);

    public override long Newest => Log.Newest;

    public override long BeforeOldest => Log.BeforeOldest;

    public override bool IsCompleted => Log.IsCompleted;

    public override (int Messages, long Bytes) Size => Log.Size;

    public static LogEntry Encode(string data) => FrameBytes.Encode(new EventStreamMessage { Data = data }, JsonSerializerOptions.Web);

    public override long Append(string data, string? key = null, long publishedAt = 0, string? user = null)
    {
        var entry = Encode(data);
        entry.PublishedAt = publishedAt;
        entry.Metadata = key is null ? null : new() { Key = key, User = user };
        Log.Append(new Span<LogEntry>(ref entry), _epoch);
        return entry.Sequence;
    }

    public override (IReadOnlyList<(long Sequence, string Data)> Messages, long Position)? Read(long after, int most = 1024)
    {
        var entries = new LogEntry[most];
        var read = Log.Read(after, entries);
        return read.IsGap ? null : ([.. entries.Take(read.Count).Select(entry => (entry.Sequence, DataOf(entry)))], read.Position);
    }

    public override long BeforeLast(int count) => Log.BeforeLast(count);

    public override void DropOlderThan(long timestamp) => Log.DropOlderThan(timestamp);

    public override bool Complete() => Log.Complete(failure: null);

    private static string DataOf(in LogEntry entry) => ReferenceParser.Parse(entry.Frame).Events.Single().Data;
}
