using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>Until when this node may deliver messages to named users without reading the nodes' channel again.</summary>
/// <remarks>
/// A revocation must reach every stream of its user on every node. A node may be starting, be cut off from the log, or have stood still.
/// The nodes' channel is totally ordered, and all nodes read it in that order. The protocol:
/// <list type="number">
/// <item>A node announces itself at sequence <i>k</i>, and then reads through <i>k</i>. It has then applied what was revoked before
/// <i>k</i>. A node that revokes after <i>k</i> knows it.</item>
/// <item>It announces itself again every ten seconds. The others forget it <see cref="OtherNodes.Lifetime"/> after they heard it last.
/// It takes itself for forgotten after <see cref="Membership"/>, which is shorter, and goes back to step 1.</item>
/// <item>Each time it has read the channel to its end, it has applied all that was revoked before that read began.</item>
/// <item>It delivers to named users while steps 1 and 2 hold, and its last read began less than the timeout ago. A stream looks at the
/// clock after it has read a message, and before it writes it. So a node that stood still finds that its lease has run out.</item>
/// <item>Otherwise the streams of named users hold: they stay connected, keep their positions, and wait for the lease by the protocol of
/// <see cref="WakeShard"/>. <see cref="TryHold"/> and a renewal take the same lock: the stream finds the lease valid, or the renewal finds
/// the hold. A read applies the revocations first, then renews the lease, and then wakes the streams that are left.</item>
/// <item>A node that revokes appends the revocation at sequence <i>d</i>, and reads through <i>d</i>. It waits until all nodes that it
/// knows have told that they have read through <i>d</i>.</item>
/// <item>It waits no longer than the timeout. By then a node that has not read through <i>d</i> has no lease: its last read began
/// before <i>d</i>.</item>
/// </list>
/// A node that is forgotten at step 6 has no lease, because its last announcement before <i>d</i> is older than <see cref="Membership"/>.
/// It announces itself after <i>d</i> then, and reads through <i>d</i> before it delivers. Its append may be on its way at <i>d</i>.
/// So <see cref="Membership"/> and the longest timeout together are shorter than <see cref="OtherNodes.Lifetime"/>.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="timeout">How long a read lets this node deliver.</param>
/// <param name="logger">The app's logger.</param>
/// <param name="renew">Has the lease renewed, soon.</param>
/// <param name="wake">Wakes the streams of all channels, because some of them have held.</param>
internal sealed class NodeLease(TimeProvider time, TimeSpan timeout, ILogger logger, Action renew, Action wake)
{
    /// <summary>The shortest <see cref="EventStreamLogOptions.DisconnectTimeout"/>: the channel is read once a second.</summary>
    public static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The longest <see cref="EventStreamLogOptions.DisconnectTimeout"/>.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long an announcement lets this node deliver. The clocks of two machines may differ by two seconds in thirty.</summary>
    private static readonly TimeSpan Membership = OtherNodes.Lifetime - LongestTimeout - TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long streams hold before it is logged: a node that had no named users reads the channel when the first one comes.
    /// </summary>
    private static readonly TimeSpan Unremarkable = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // All under _gate: the announcement of step 1, how far the channel was read, and the timestamps at which steps 2 and 3 run out.
    private EventStreamPosition? _announced;
    private EventStreamPosition? _heard;
    private long _memberUntil;
    private long _readUntil;
    private bool _isGivenUp;

    // Under _gate as well; _isHolding is read without it.
    private volatile bool _isHolding;
    private long _heldSince;
    private bool _isHoldLogged;

    // Written under _gate, and read without it.
    private long _validUntil;
    private int _users;

    /// <summary>Whether messages that were read before this was asked may be handed to named users.</summary>
    public bool IsValid => time.GetTimestamp() < Volatile.Read(ref _validUntil);

    /// <summary>Whether the other nodes know this one for as long as an announcement takes.</summary>
    public bool IsMember
    {
        get
        {
            lock (_gate) return time.GetTimestamp() < _memberUntil;
        }
    }

    /// <summary>Whether a stream holds since the last renewal.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>Whether there are streams of named users, for which the lease is to be renewed in time.</summary>
    public bool IsWanted => Volatile.Read(ref _users) > 0;

    public void Join() => Interlocked.Increment(ref _users);

    public void Leave() => Interlocked.Decrement(ref _users);

    /// <summary>Notes that a stream holds, and has the lease renewed soon.</summary>
    /// <returns>False if the lease is valid, so that the stream need not hold.</returns>
    public bool TryHold()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (now < _validUntil) return false;
            if (_isHolding) return true;
            _isHolding = true;
            _heldSince = now;
        }

        renew();
        return true;
    }

    /// <summary>The log has taken in an announcement of this node.</summary>
    /// <param name="began">When the append began.</param>
    /// <param name="at">Where it is.</param>
    public void Announced(long began, EventStreamPosition at)
    {
        bool ends;
        lock (_gate)
        {
            if (time.GetTimestamp() >= _memberUntil || at.Epoch != _announced?.Epoch) _announced = at;
            _memberUntil = began + time.TimestampsIn(Membership);
            ends = Publish();
        }

        WakeOrRenew(ends);
    }

    /// <summary>The nodes' channel was read to its end, and every revocation in it was applied.</summary>
    /// <param name="began">When the read began.</param>
    /// <param name="heard">How far it went.</param>
    public void Read(long began, EventStreamPosition heard)
    {
        bool ends;
        lock (_gate)
        {
            _heard = heard;
            _readUntil = began + time.TimestampsIn(timeout);
            ends = Publish();
        }

        WakeOrRenew(ends);
    }

    /// <summary>The channel has another history, in which this node has not announced itself.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _memberUntil = 0;
            Publish();
        }
    }

    /// <summary>Ends it for good, before the node says good-bye.</summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            _isGivenUp = true;
            Publish();
        }
    }

    /// <summary>Logs that streams hold, once, if they have held for a while. Called now and then.</summary>
    public void Report()
    {
        lock (_gate)
        {
            if (_isHoldLogged || !_isHolding || time.GetElapsedTime(_heldSince) < Unremarkable) return;
            _isHoldLogged = true;
            var isMember = time.GetTimestamp() < _memberUntil;
            Log.NodeHolds(logger, isMember ? "read" : "append to");
        }
    }

    /// <summary>Publishes until when the lease is valid. Under the lock.</summary>
    /// <returns>Whether that ends the hold of streams, which are to be woken.</returns>
    private bool Publish()
    {
        var hasReadAnnouncement = _announced is { } announced && _heard >= announced;
        var until = hasReadAnnouncement && !_isGivenUp ? Math.Min(_memberUntil, _readUntil) : 0;
        Volatile.Write(ref _validUntil, until);
        if (time.GetTimestamp() >= until || !_isHolding) return false;
        if (_isHoldLogged) Log.NodeDelivers(logger, time.GetElapsedTime(_heldSince));
        _isHolding = false;
        _isHoldLogged = false;
        return true;
    }

    private void WakeOrRenew(bool ends)
    {
        if (ends) wake();
        else if (IsHolding) renew();
    }
}
