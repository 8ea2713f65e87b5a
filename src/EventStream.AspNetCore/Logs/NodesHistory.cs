namespace EventStream.AspNetCore.Logs;

/// <summary>What a node learns from messages of the nodes' channel that are older than its start. All times are the log's.</summary>
internal sealed class NodesHistory
{
    private readonly List<(EventStreamSelector? Selector, long At)> _revoked = [];
    private long? _begins;
    private long? _announced;

    /// <summary>Adds the time of a message.</summary>
    public void Add(long at) => _begins ??= at;

    /// <summary>Sets the time of the announcement that this node made before it began to read.</summary>
    public void Announced(long at) => _announced ??= at;

    /// <summary>Marks that messages are missing, so that the history begins after them.</summary>
    public void OnGap() => _begins = null;

    /// <summary>Adds a revocation; a null selector means every stream.</summary>
    public void Revoked(EventStreamSelector? selector, long at) => _revoked.Add((selector, at));

    /// <summary>Gets the difference between this node's clock, which shows <paramref name="now"/>, and the log's.</summary>
    public long ShiftTo(long now) => now - (_announced ?? now);

    /// <summary>Whether the history covers a span before the announcement.</summary>
    public bool GoesBackFor(long span) => _announced - _begins >= span;

    /// <summary>Gets the selectors that were revoked within a span before the announcement, or after it.</summary>
    public IEnumerable<EventStreamSelector?> RevokedWithin(long span) =>
        _revoked.Where(revoked => _announced is null || _announced - revoked.At <= span).Select(revoked => revoked.Selector);
}
