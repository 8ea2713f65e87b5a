using System.Text.Json;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>
/// A history of a channel in memory, as tests use it. Messages are text; a read gives what follows a sequence, and null for a gap.
/// </summary>
internal sealed class TestedHistory(EventStreamChannelOptions options)
{
    private static readonly StreamHost Host = StreamHost.Of(new ServiceCollection().BuildServiceProvider());

    public ChannelHistory History { get; } = new(
        "tested",
        new("tested", options, new(meter: null, TimeProvider.System, "tested"), EventStreamProtocol.Default, Host, hasLog: false),
        Positions.NewEpoch("tested"),
        new SubscriberList());

    public long Newest => History.Newest;

    public long BeforeOldest => History.BeforeOldest;

    public bool IsCompleted => History.IsComplete;

    public (int Messages, long Bytes) Size => History.Size;

    public static RingEntry Encode(string data) => FrameBytes.Encode(new EventStreamMessage { Data = data }, JsonSerializerOptions.Web);

    public long Append(string data, string? key = null, long publishedAt = 0, string? user = null)
    {
        var entry = Encode(data);
        entry.PublishedAt = publishedAt;
        entry.Metadata = key is null ? null : new() { Key = key, User = user };
        History.TryAppend(new Span<RingEntry>(ref entry), isList: false);
        return entry.Sequence;
    }

    public (IReadOnlyList<(long Sequence, string Data)> Messages, long Position)? Read(long after, int most = 1024)
    {
        var entries = new RingEntry[most];
        var read = History.Read(after, entries);
        return read.IsGap ? null : ([.. entries.Take(read.Count).Select(entry => (entry.Sequence, DataOf(entry)))], read.Position);
    }

    public long BeforeLast(int count) => History.Window(count).BeforeLast;

    public void EvictOlderThan(long timestamp) => History.EvictOlderThan(timestamp);

    public bool Complete() => History.State == HistoryState.Open && History.TryComplete();

    /// <summary>The messages after <paramref name="after"/>, which must not be a gap.</summary>
    public IEnumerable<string> DataAfter(long after) => Read(after)!.Value.Messages.Select(message => message.Data);

    private static string DataOf(in RingEntry entry) => ReferenceParser.Parse(entry.Frame).Events.Single().Data;
}
