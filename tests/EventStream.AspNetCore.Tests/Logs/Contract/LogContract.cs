using System.Text;
using Soon = EventStream.AspNetCore.Tests.Infrastructure.Soon;

namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>What the words of <see cref="IEventStreamLog"/> owe to nodes, whichever log it is: two of them have the same store open, and a channel that nobody has named before.</summary>
public abstract class LogContract(LogStore store) : IAsyncLifetime
{
    // The epoch that the log has told first.
    private string? _epoch;

    /// <summary>The channel's epoch, once the log has told it.</summary>
    protected string Epoch => _epoch ?? throw new InvalidOperationException("The channel has not been made yet.");

    protected LogStore Store => store;

    protected IEventStreamLog One { get; private set; } = null!;

    protected IEventStreamLog Two { get; private set; } = null!;

    protected string Name { get; } = $"news/{Guid.NewGuid():N}";

    protected string OtherName => Name + "/other";

    public async ValueTask InitializeAsync()
    {
        One = await store.OpenAsync();
        Two = await store.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A position of the channel, in its first history.</summary>
    protected EventStreamPosition At(long sequence) => new(Epoch, sequence);

    protected static string EpochOf(EventStreamPosition position) => position.ToString().Split('-')[0];

    protected static IEnumerable<long> Numbers(int count) => Enumerable.Range(1, count).Select(number => (long)number);

    protected static string[] TextsOf(EventStreamLogPage page) => [.. page.Entries.Select(entry => Encoding.UTF8.GetString(entry.Frame.Span))];

    protected static long[] SequencesOf(EventStreamLogPage page) => [.. page.Entries.Select(entry => entry.Sequence)];

    protected async Task<EventStreamPosition[]> AppendAsync(IEventStreamLog node, params EventStreamLogRecord[] records)
    {
        var positions = (await Soon.OrFail(node.AppendAsync(records, CancellationToken.None).AsTask())).ToArray();
        var own = positions.Where((position, i) => records[i].Channel == Name && position != default);
        _epoch ??= own.Select(EpochOf).FirstOrDefault();
        return positions;
    }

    protected EventStreamLogRecord Message(string text, EventStreamMetadata? metadata = null) =>
        new() { Channel = Name, Frame = Encoding.UTF8.GetBytes(text), Metadata = metadata };

    protected EventStreamLogRecord End() => new() { Channel = Name, IsEnd = true };

    protected async Task<EventStreamLogPage> ReadAsync(
        IEventStreamLog node, long after = 0, int maxCount = 10_000, int maxBytes = int.MaxValue)
    {
        var page = (await Soon.OrFail(node.ReadAsync([new(Name, after, maxCount, maxBytes)], CancellationToken.None).AsTask()))[0];
        _epoch ??= page.Epoch;
        return page;
    }

    /// <summary>Runs something many times at once, on both nodes in turn.</summary>
    protected Task<T[]> AtOnceAsync<T>(int count, Func<IEventStreamLog, int, Task<T>> run) =>
        Soon.OrFail(Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => run(i % 2 == 0 ? One : Two, i)))));
}
