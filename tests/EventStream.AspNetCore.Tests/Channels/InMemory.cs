using System.Text.Json;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>The history of a channel in memory.</summary>
internal sealed class InMemory(EventStreamChannelOptions options) : TestedLog
{
    private static readonly StreamHost Host = StreamHost.Of(new ServiceCollection().BuildServiceProvider());

    public ChannelHistory History { get; } = new(
        "log",
        new("log", options, new(meter: null, TimeProvider.System, "log"), EventStreamProtocol.Default, Host, hasLog: false),
        Positions.NewEpoch("log"),
        new SubscriberList());

    public override long Newest => History.Newest;

    public override long BeforeOldest => History.BeforeOldest;

    public override bool IsCompleted => History.IsComplete;

    public override (int Messages, long Bytes) Size => History.Size;

    public static LogEntry Encode(string data) => FrameBytes.Encode(new EventStreamMessage { Data = data }, JsonSerializerOptions.Web);

    public override long Append(string data, string? key = null, long publishedAt = 0, string? user = null)
    {
        var entry = Encode(data);
        entry.PublishedAt = publishedAt;
        entry.Metadata = key is null ? null : new() { Key = key, User = user };
        History.TryAppend(new Span<LogEntry>(ref entry), isList: false);
        return entry.Sequence;
    }

    public override (IReadOnlyList<(long Sequence, string Data)> Messages, long Position)? Read(long after, int most = 1024)
    {
        var entries = new LogEntry[most];
        var read = History.Read(after, entries);
        return read.IsGap ? null : ([.. entries.Take(read.Count).Select(entry => (entry.Sequence, DataOf(entry)))], read.Position);
    }

    public override long BeforeLast(int count) => History.Window(count).BeforeLast;

    public override void DropOlderThan(long timestamp) => History.DropOlderThan(timestamp);

    public override bool Complete() => History.State == HistoryState.Open && History.TryComplete();

    private static string DataOf(in LogEntry entry) => ReferenceParser.Parse(entry.Frame).Events.Single().Data;
}
