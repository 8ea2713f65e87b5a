using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>Reports to the other nodes that this node runs, its subscriber counts, and which streams must end.</summary>
/// <remarks>
/// It publishes changed counts once a second, and a heartbeat every ten seconds. <see cref="NodeLease"/> has the protocol for named users.
/// </remarks>
internal sealed class NodePresence
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Again = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly NodeLog _log;
    private readonly StreamHost _host;
    private readonly OtherNodes _others;
    private readonly NodesReader _reader;
    private ITimer? _timer;

    // Owned by ReportAsync, of which one call runs at a time.
    private readonly Dictionary<string, int> _reported = new(StringComparer.Ordinal);
    private long _reportedAt;
    private int _reporting;

    // Set when another node does not know this one, and when another node waits for this one's confirmation.
    private bool _mustAnnounce = true;
    private bool _mustConfirm;

    // How many calls wait for the other nodes.
    private int _waiting;

    public NodePresence(NodeLog log, StreamHost host)
    {
        _log = log;
        _host = host;
        _others = new(host.Time);
        Lease = new(host.Time, log.Options.DisconnectTimeout, host.Logger, RenewLease, log.Channels.WakeAll);
        _reader = new(log, host, Name, _others, Lease, () => Volatile.Write(ref _mustAnnounce, true), Confirm);
    }

    /// <summary>The name of this node.</summary>
    public string Name { get; } = NodeName.New();

    public NodeLease Lease { get; }

    public LogBacking Channel => _reader.Channel.Backing;

    public LogBacking? ChannelOf(string name) => name == NodesChannel.Name ? Channel : null;

    public int CountElsewhere(string channel) => _others.CountOf(channel);

    /// <summary>Announces this node, and begins to read the messages of the others.</summary>
    public void Start()
    {
        _timer = AppTimer.Create(_host.Time, static presence => ((NodePresence)presence!).Tick(), this, Interval);
        ScheduleReport();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_timer is not null) await _timer.DisposeAsync();
        var isMember = Lease.IsMember;
        Lease.GiveUp();
        if (!isMember) return;
        try
        {
            var leaving = _reader.Channel.PublishAsync(NodeMessage.Leaving, new(Name, []), cancellationToken);
            await leaving.WaitAsync(Interval, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.PresenceNotReported(_host.Logger, exception);
        }
    }

    /// <summary>Tells the other nodes something about a run.</summary>
    /// <param name="eventName">The event of the message.</param>
    /// <param name="run">The token or the channel of the run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task TellAsync(string eventName, string run, CancellationToken cancellationToken) =>
        _reader.Channel.PublishAsync(eventName, new(Name, Counts: [], Run: run), cancellationToken);

    /// <summary>Makes the other nodes end the selected streams, and waits for them: steps 6 and 7 of <see cref="NodeLease"/>.</summary>
    /// <returns>The nodes that have not confirmed it in time.</returns>
    public async Task<IReadOnlyList<string>> DisconnectAsync(EventStreamSelector selector, CancellationToken cancellationToken)
    {
        var timeout = _log.Options.DisconnectTimeout;
        NodeMessage message = new(Name, Counts: [], Selector: selector);
        var revoking = _reader.Channel.PublishAsync(NodeMessage.Disconnect, message, cancellationToken);
        if (!await revoking.ReturnsAsync(_host.Time, timeout, ForeignCall.Moment, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new EventStreamLogException(
                $"The log has not stored the revocation within {timeout}, the DisconnectTimeout, so other nodes may not have it.")
            {
                IsTransient = true,
                IsOutcomeUnknown = true,
            };
        }

        var revocation = await revoking;
        var started = _host.Time.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                var changed = _others.Changed;
                if (_reader.Channel.HasApplied(revocation) && _others.HaveAllConfirmed(revocation)) return [];
                var left = timeout - _host.Time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero) return _others.Unconfirmed(revocation);
                await changed.WaitAsync(left, _host.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void Tick()
    {
        ScheduleReport();
        Lease.Report();

        // A hint also makes the follower read the channel, and a recent read is enough.
        if ((Lease.IsWanted || Volatile.Read(ref _waiting) > 0) && _reader.Age >= Interval / 2) _reader.Read();
    }

    /// <summary>Renews the lease by a read. A node that the others may have removed announces itself first, and reads later.</summary>
    private void RenewLease()
    {
        if (!Lease.IsMember) ScheduleReport();
        else if (!Lease.IsValid) _reader.Read();
    }

    private void Confirm()
    {
        Volatile.Write(ref _mustConfirm, true);
        ScheduleReport();
    }

    /// <summary>Schedules a report of what has changed.</summary>
    private void ScheduleReport()
    {
        if (Interlocked.Exchange(ref _reporting, Again) == Idle) AppTask.Run(ReportAllAsync);
    }

    private async Task ReportAllAsync()
    {
        do
        {
            Interlocked.Exchange(ref _reporting, Running);
            try
            {
                await ReportAsync();
            }
            catch (Exception exception)
            {
                Volatile.Write(ref _mustAnnounce, true);
                Log.PresenceNotReported(_host.Logger, exception);
            }
        }
        while (Interlocked.CompareExchange(ref _reporting, Idle, Running) != Running);
    }

    private async Task ReportAsync()
    {
        var channel = _reader.Channel;

        // Read and cleared in one step, because another thread may set them in between, and that must not be lost.
        var isAll = Interlocked.Exchange(ref _mustAnnounce, false) | !Lease.IsMember;
        var mustConfirm = Interlocked.Exchange(ref _mustConfirm, false);
        if (isAll) _reported.Clear();
        var changes = Changes();
        if (isAll || mustConfirm || changes.Count > 0 || _host.Time.GetElapsedTime(_reportedAt) >= Heartbeat)
        {
            var began = _host.Time.GetTimestamp();
            var applied = channel.Applied;
            var message = new NodeMessage(Name, changes, applied?.Epoch, applied?.Sequence ?? 0);
            var at = await channel.PublishAsync(isAll ? NodeMessage.AllCounts : NodeMessage.ChangedCounts, message, CancellationToken.None);
            foreach (var (name, count) in changes)
            {
                if (count == 0) _reported.Remove(name);
                else _reported[name] = count;
            }

            _reportedAt = _host.Time.GetTimestamp();
            _others.RemoveExpired();
            Lease.Announced(began, at);
        }

        // Only after the announcement, so that the history that is read has it.
        if (channel.History is not null) channel.Load();
    }

    /// <summary>Gets the subscriber counts that have changed since they were reported, by channel.</summary>
    private Dictionary<string, int> Changes()
    {
        var counts = _log.Channels.All.OfType<LogBacking>().Where(channel => channel.Subscribers.Count > 0)
            .ToDictionary(channel => channel.Name, channel => channel.Subscribers.Count, StringComparer.Ordinal);
        Dictionary<string, int> changes = new(StringComparer.Ordinal);
        foreach (var (channel, count) in counts)
        {
            if (_reported.GetValueOrDefault(channel) != count) changes[channel] = count;
        }

        foreach (var channel in _reported.Keys.Where(channel => !counts.ContainsKey(channel))) changes[channel] = 0;
        return changes;
    }
}
