using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace EventStream.Testing.Logs.Rules;

/// <summary>The base class of a group of rules.</summary>
/// <remarks>Each rule begins with two nodes that have the same store open, and with a channel name that is new to the store.</remarks>
internal abstract class LogRules
{
    private static readonly SearchValues<char> EpochCharacters = SearchValues.Create("0123456789abcdefghjkmnpqrstvwxyz");

    // The first epoch that the log has returned.
    private string? _epoch;

    /// <summary>Whether the log owes what these rules check.</summary>
    public virtual bool AreForThisLog => true;

    /// <summary>The channel's epoch, once the log has returned it.</summary>
    protected string Epoch => _epoch ?? throw new LogContractException("The log gave the channel no epoch when it created it.");

    protected LogStore Store { get; private set; } = null!;

    protected IEventStreamLog One { get; private set; } = null!;

    protected IEventStreamLog Two { get; private set; } = null!;

    protected string Name { get; } = $"news/{Guid.NewGuid():N}";

    protected string OtherName => Name + "/other";

    internal async Task OpenAsync(LogStore store)
    {
        Store = store;
        One = await store.OpenAsync();
        Two = await store.OpenAsync();
    }

    /// <summary>A position of the channel, in its first history.</summary>
    protected EventStreamPosition At(long sequence) => new(Epoch, sequence);

    protected static string EpochOf(EventStreamPosition? position) => Given(position).Epoch;

    /// <summary>A position that a log must give, because the channel was not complete.</summary>
    protected static EventStreamPosition Given(EventStreamPosition? position) =>
        position ?? throw new LogContractException("The log gave a record no position, although its channel is not complete.");

    /// <summary>Whether a text has the form of the channel's epochs.</summary>
    protected bool IsEpoch(string? text) =>
        text?.Length == 9
            && text.StartsWith(EventStreamPosition.NewEpoch(Name)[..3], StringComparison.Ordinal)
            && !text.AsSpan().ContainsAnyExcept(EpochCharacters);

    protected static IEnumerable<long> Numbers(int count) => Enumerable.Range(1, count).Select(number => (long)number);

    protected static string[] TextsOf(EventStreamLogPage page) =>
        [.. page.Records.Select(entry => Encoding.UTF8.GetString(entry.Frame.Span))];

    protected static long[] SequencesOf(EventStreamLogPage page) => [.. page.Records.Select(entry => entry.Sequence)];

    protected async Task<EventStreamPosition?[]> AppendAsync(IEventStreamLog node, params EventStreamLogRecord[] records)
    {
        var positions = (await InTime(node.AppendAsync(records, CancellationToken.None).AsTask())).ToArray();
        Expect.Equal(positions.Length, records.Length, "AppendAsync returns a position for each record");
        _epoch ??= positions.Where((position, i) => records[i].Channel == Name && position is not null).Select(EpochOf).FirstOrDefault();
        return positions;
    }

    protected EventStreamLogRecord Message(string text, EventStreamMetadata? metadata = null) =>
        new() { Channel = Name, Frame = Encoding.UTF8.GetBytes(text), Metadata = metadata };

    protected EventStreamLogRecord Elsewhere(string text) => Message(text) with { Channel = OtherName };

    protected EventStreamLogRecord Keyed(string text, string key) => Message(text, new() { IdempotencyKey = key });

    protected EventStreamLogRecord State(string text, string key, string? user = null, string? idempotencyKey = null) =>
        Message(text, new() { Key = key, User = user, IdempotencyKey = idempotencyKey }) with { Replaces = true };

    protected EventStreamLogRecord[] List(string key, params string[] texts) =>
        [.. texts.Select((text, i) => Keyed(text, key) with { Part = new(i + 1, texts.Length) })];

    protected EventStreamLogRecord End() => new() { Channel = Name, IsEnd = true };

    protected async Task<EventStreamLogPage> ReadAsync(
        IEventStreamLog node, long after = 0, int maxCount = 10_000, int maxBytes = int.MaxValue)
    {
        var page = (await ReadPagesAsync(node, new EventStreamLogRequest(Name, after, maxCount, maxBytes)))[0];
        _epoch ??= page.Epoch;
        return page;
    }

    protected async Task<IReadOnlyList<EventStreamLogPage>> ReadPagesAsync(IEventStreamLog node, params EventStreamLogRequest[] requests)
    {
        var pages = await InTime(node.ReadAsync(requests, CancellationToken.None).AsTask());
        Expect.Equal(pages.Count, requests.Length, "ReadAsync returns a page for each request");
        return pages;
    }

    protected static EventStreamLogRequest Everything(string channel) => new(channel, 0, 10_000, int.MaxValue);

    /// <summary>Expects that a page is of the channel's first history, with the given state of the channel.</summary>
    protected void ExpectPage(
        EventStreamLogPage page,
        long newest,
        long beforeOldest = 0,
        bool isComplete = false,
        [CallerArgumentExpression(nameof(page))] string what = "")
    {
        var actual = (page.Epoch, page.Newest, page.BeforeOldest, page.IsComplete);
        Expect.Equal(actual, (Epoch, newest, beforeOldest, isComplete), "epoch, newest, before oldest, complete", what);
    }

    protected Task<HintReader> ReadHintsAsync(IEventStreamLog node) => HintReader.StartAsync(node, Store.WaitLimit);

    /// <summary>Runs a function many times at once, on both nodes in turn.</summary>
    protected async Task<T[]> AtOnceAsync<T>(int count, Func<IEventStreamLog, int, Task<T>> run) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => run(i % 2 == 0 ? One : Two, i))));

    protected Task<T> InTime<T>(Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.WithinAsync(Store.WaitLimit, what);
}
