using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Runs;

namespace EventStream.AspNetCore.Channels;

/// <summary>A channel in memory: its ring has all of its messages.</summary>
internal sealed class MemoryBacking : ChannelBacking
{
    private readonly ChannelHistory _history;

    /// <param name="channel">The app's handle of the channel.</param>
    /// <param name="epochs">The epochs of channels in memory.</param>
    /// <param name="lease">
    /// The node's lease, if other channels share a log: a user may be revoked on another node. Null without a log.
    /// </param>
    public MemoryBacking(EventStreamChannel channel, MemoryEpochs epochs, NodeLease? lease)
        : base(channel)
    {
        Lease = lease;
        _history = new(Name, Definition, epochs.Next(Name), new SubscriberList(), begins: () => epochs.Begin(Name));
    }

    public override SubscriberList Subscribers => _history.Subscribers;

    public override ChannelHistory History => _history;

    public override KnownHistory? Known =>
        _history.Newest > 0 || _history.IsOfRun || _history is { IsComplete: true, Failure: null }
            ? new(_history.Epoch, Continues: null)
            : null;

    public override string? Origin => null;

    public override bool IsRetired => _history.IsRetired;

    public override bool Exists => Known is not null;

    public override bool IsCompleted => _history.IsComplete;

    public override int SubscribersElsewhere => 0;

    public override NodeLease? Lease { get; }

    public override EventStreamPosition? Newest => _history.PositionAt(_history.Newest);

    public override bool TryPublish(RingEntry entry, CancellationToken cancellationToken, out ValueTask<EventStreamPosition> position)
    {
        position = default;
        if (!TryAppend(new(ref entry), isList: false)) return false;
        Definition.Metrics.Published(1);
        position = new(_history.PositionAt(entry.Sequence));
        return true;
    }

    public override bool TryPublish(
        RingEntry[] entries, CancellationToken cancellationToken, out ValueTask<EventStreamPosition[]> positions)
    {
        positions = default;
        if (!TryAppend(entries, isList: true)) return false;
        Definition.Metrics.Published(entries.Length);
        positions = new(Array.ConvertAll(entries, entry => _history.PositionAt(entry.Sequence)));
        return true;
    }

    public override IEventStreamTransactionalLog GetTransactionalLog() => throw new InvalidOperationException(
        $"The channel '{Name}' is in memory, so it cannot take part in a transaction. "
        + (Definition.Options.InMemory
            ? "Publish without a transaction, or set InMemory to false."
            : "Publish without one, or add a log that supports transactions: AddEventStreams().AddPostgreSql(…)."));

    public override bool TryComplete(CancellationToken cancellationToken, out Task completion)
    {
        completion = Task.CompletedTask;
        if (_history.TryEndRun(EventStreamRunState.Complete, Definition.Host.Time.GetUtcNow()))
        {
            _history.Run!.Producer.Stop(RunEndReason.Lost);
        }

        return _history.TryComplete();
    }

    public override Task CatchUpAsync() => Task.CompletedTask;

    public override Task CatchUpAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override bool MayBeBehind(Resume resume) => false;

    public override ResumeWindow WindowOf(ChannelHistory history, int last) => history.Window(last);

    public override long BeforeOldestOf(ChannelHistory history) => history.BeforeOldest;

    public override bool GoesBehindRing => false;

    public override Task<LogPage> ReadBehindRing(ChannelHistory history, long after) => throw new NotSupportedException();

    public override bool TryRetireIdle() => _history.TryRetireIdle(isKeptElsewhere: false, IsIdle);

    public override bool TryRetireUnbegun() => _history.TryRetireUnbegun();

    private bool TryAppend(Span<RingEntry> entries, bool isList) =>
        _history.TryAppend(entries, isList) || (_history.IsComplete ? throw ChannelHistory.Completed() : false);
}
