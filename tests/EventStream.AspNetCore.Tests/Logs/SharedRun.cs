namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The run of a channel of a <see cref="SharedLog"/>.</summary>
internal sealed class SharedRun(EventStreamRunClaim claim, DateTimeOffset now)
{
    private string _node = claim.Node;
    private string _token = claim.Token;
    private DateTimeOffset _since = now;
    private DateTimeOffset _leaseUntil = now + claim.Lease;

    public EventStreamRunState State { get; private set; }

    public bool TakesOver { get; } = claim.TakesOver;

    public bool IsStopRequested { get; private set; }

    public bool AreReadersTold { get; private set; }

    public bool IsHeldBy(string? token) => State is EventStreamRunState.Running && _token == token;

    /// <summary>Whether it is running, and its lease is over for a time.</summary>
    public bool IsLeaseOver(DateTimeOffset time, TimeSpan since = default) =>
        State is EventStreamRunState.Running && time - _leaseUntil >= since;

    public void Renew(TimeSpan lease, DateTimeOffset time) => _leaseUntil = time + lease;

    public void TakeOver(EventStreamRunClaim next, DateTimeOffset time)
    {
        (_token, _node) = (next.Token, next.Node);
        Renew(next.Lease, time);
    }

    public void RequestStop() => IsStopRequested = State is EventStreamRunState.Running;

    /// <summary>Ends it, unless it is over.</summary>
    public void End(EventStreamRunState state, DateTimeOffset time, bool areReadersTold = false)
    {
        if (State is EventStreamRunState.Running) (State, _since, IsStopRequested, AreReadersTold) = (state, time, false, areReadersTold);
    }

    /// <summary>As the log gives it out.</summary>
    public EventStreamLogRun Show(string channel, SharedHistory history, DateTimeOffset time) => new()
    {
        Channel = channel,
        Epoch = history.Epoch,
        Newest = history.Newest,
        Token = _token,
        State = State,
        Node = _node,
        Since = _since,
        TakesOver = TakesOver,
        IsStopRequested = IsStopRequested,
        IsLeaseOver = IsLeaseOver(time),
    };
}
