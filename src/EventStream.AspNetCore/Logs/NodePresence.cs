using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Logs;

/// <summary>What this node tells the others: that it runs, how many subscribers it has, and whose streams are to end.</summary>
/// <remarks>
/// It tells what has changed once a second, and that it runs every ten. <see cref="NodeLease"/> says what follows for named users.
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
    private readonly string _node = NodeName.New();
    private readonly OtherNodes _others;
    private readonly NodesReader _reader;
    private ITimer? _timer;

    // Owned by the telling, of which one runs at a time.
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private long _toldAt;
    private int _telling;

    // Set where another node does not know this one, and where one waits to be told what this one has heard.
    private bool _isUnknown = true;
    private bool _isAsked;

    // How many calls wait for the other nodes.
    private int _waiting;

    public NodePresence(NodeLog log, StreamHost host)
    {
        _log = log;
        _host = host;
        _others = new(host.Time);
        Lease = new(host.Time, log.Options.DisconnectTimeout, host.Logger, RenewLease, log.Channels.WakeAll);
        _reader = new(log, host, _node, _others, Lease, () => Volatile.Write(ref _isUnknown, true), Answer);
    }

    public NodeLease Lease { get; }

    public LogBacking Channel => _reader.Channel.Backing;

    public LogBacking? ChannelOf(string name) => name == NodesChannel.Name ? Channel : null;

    public int CountElsewhere(string channel) => _others.CountOf(channel);

    /// <summary>Announces this node, and begins to read what the others say.</summary>
    public void Start()
    {
        _timer = AppTimer.Create(_host.Time, static presence => ((NodePresence)presence!).Tick(), this, Interval);
        Tell();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_timer is not null) await _timer.DisposeAsync();
        var isKnown = Lease.IsMember;
        Lease.GiveUp();
        try
        {
            if (!isKnown) return;
            var saying = _reader.Channel.SayAsync(NodeNews.Bye, new(_node, []), cancellationToken);
            await saying.WaitAsync(Interval, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.PresenceNotReported(_host.Logger, exception);
        }
    }

    /// <summary>Has the other nodes end a user's streams, and waits for them: steps 6 and 7 of <see cref="NodeLease"/>.</summary>
    /// <returns>The nodes that have not told so in time.</returns>
    public async Task<IReadOnlyList<string>> DisconnectAsync(string user, CancellationToken cancellationToken)
    {
        var timeout = _log.Options.DisconnectTimeout;
        var telling = _reader.Channel.SayAsync(NodeNews.Disconnect, new(_node, new() { [user] = 0 }), cancellationToken);
        if (!await telling.ReturnsAsync(_host.Time, timeout, ForeignCall.Moment, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new EventStreamLogException(
                $"The log has not stored the user's revocation within {timeout}, the DisconnectTimeout, so other nodes may not have it.")
            {
                IsTransient = true,
                IsOutcomeUnknown = true,
            };
        }

        var revocation = await telling;
        var started = _host.Time.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                var changed = _others.Changed;
                if (_reader.Channel.HasHeard(revocation) && _others.HaveAllHeard(revocation)) return [];
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
        Tell();
        Lease.Report();

        // A log that gives a hint now and then has the channel read without this.
        if ((Lease.IsWanted || Volatile.Read(ref _waiting) > 0) && _reader.Age >= Interval / 2) _reader.Read();
    }

    /// <summary>Has the lease renewed: first by an announcement, if the others may have forgotten this node, and then by a read.</summary>
    private void RenewLease()
    {
        if (!Lease.IsMember) Tell();
        else if (!Lease.IsValid) _reader.Read();
    }

    private void Answer()
    {
        Volatile.Write(ref _isAsked, true);
        Tell();
    }

    /// <summary>Has this node tell, soon, what there is to tell.</summary>
    private void Tell()
    {
        if (Interlocked.Exchange(ref _telling, Again) == Idle) AppTask.Run(TellAllAsync);
    }

    private async Task TellAllAsync()
    {
        do
        {
            Interlocked.Exchange(ref _telling, Running);
            try
            {
                await TellAsync();
            }
            catch (Exception exception)
            {
                Volatile.Write(ref _isUnknown, true);
                Log.PresenceNotReported(_host.Logger, exception);
            }
        }
        while (Interlocked.CompareExchange(ref _telling, Idle, Running) != Running);
    }

    private async Task TellAsync()
    {
        var channel = _reader.Channel;

        // Read and cleared in one step: what is set in between must not be lost.
        var isAll = Interlocked.Exchange(ref _isUnknown, false) | !Lease.IsMember;
        var isAsked = Interlocked.Exchange(ref _isAsked, false);
        if (isAll) _told.Clear();
        var changes = Changes();
        if (isAll || isAsked || changes.Count > 0 || _host.Time.GetElapsedTime(_toldAt) >= Heartbeat)
        {
            var began = _host.Time.GetTimestamp();
            var heard = channel.Heard;
            var news = new NodeNews(_node, changes, heard?.Epoch, heard?.Sequence ?? 0);
            var at = await channel.SayAsync(isAll ? NodeNews.All : NodeNews.Some, news, CancellationToken.None);
            foreach (var (name, count) in changes)
            {
                if (count == 0) _told.Remove(name);
                else _told[name] = count;
            }

            _toldAt = _host.Time.GetTimestamp();
            _others.RemoveExpired();
            Lease.Announced(began, at);
        }

        // Only now, so that the announcement is in the history that is read.
        if (channel.History is not null) channel.Load();
    }

    /// <summary>The channels whose subscribers have changed since they were told, and how many they are.</summary>
    private Dictionary<string, int> Changes()
    {
        var counts = _log.Channels.All.OfType<LogBacking>().Where(channel => channel.Subscribers.Count > 0)
            .ToDictionary(channel => channel.Name, channel => channel.Subscribers.Count, StringComparer.Ordinal);
        Dictionary<string, int> changes = new(StringComparer.Ordinal);
        foreach (var (channel, count) in counts.Where(count => _told.GetValueOrDefault(count.Key) != count.Value)) changes[channel] = count;
        foreach (var channel in _told.Keys.Where(channel => !counts.ContainsKey(channel))) changes[channel] = 0;
        return changes;
    }
}
