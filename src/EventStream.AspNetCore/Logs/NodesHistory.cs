namespace EventStream.AspNetCore.Logs;

/// <summary>What a node learns from the history of the nodes' channel, which was said before it came. All times are the log's.</summary>
internal sealed class NodesHistory
{
    private readonly List<(string User, long At)> _revoked = [];
    private long? _begins;
    private long? _announced;

    /// <summary>A message was read.</summary>
    public void Add(long at) => _begins ??= at;

    /// <summary>The announcement was read that this node has made before it began to read.</summary>
    public void Announced(long at) => _announced ??= at;

    /// <summary>Messages were missed: it begins only after them.</summary>
    public void Miss() => _begins = null;

    public void Revoked(string user, long at) => _revoked.Add((user, at));

    /// <summary>What is to be added to a time of the log, where this node's clock shows <paramref name="now"/>.</summary>
    public long ShiftTo(long now) => now - (_announced ?? now);

    /// <summary>Whether it goes back for a span before the announcement.</summary>
    public bool GoesBackFor(long span) => _announced - _begins >= span;

    /// <summary>Who was revoked within a span before the announcement, or after it.</summary>
    public IEnumerable<string> RevokedWithin(long span) =>
        _revoked.Where(revoked => _announced is null || _announced - revoked.At <= span).Select(revoked => revoked.User);
}
