using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Timing;
using Microsoft.Extensions.Logging;

namespace EventStream.AspNetCore.Logs;

/// <summary>The time until which this node may deliver to named users without reading the nodes' channel again.</summary>
/// <remarks>
/// A revocation must reach every stream of its user on every node. A node may be starting, be cut off from the log, or have been suspended.
/// The nodes' channel is totally ordered, and all nodes read it in that order. The protocol:
/// <list type="number">
/// <item>A node announces itself at sequence <i>k</i>, and then reads through <i>k</i>. It has then applied every revocation before
/// <i>k</i>. Each node that revokes a user after <i>k</i> knows this node.</item>
/// <item>The node announces itself again every ten seconds. The other nodes remove it <see cref="OtherNodes.Lifetime"/> after they have
/// read its last message. The node assumes that they have removed it after <see cref="Membership"/>, which is shorter, and goes back to
/// step 1.</item>
/// <item>Each time the node has read the channel to its end, it has applied every revocation before the begin of that read.</item>
/// <item>The node delivers to named users while steps 1 and 2 hold, and its last read began less than the timeout ago. A stream checks the
/// clock after it has read a message, and before it writes the message. So a node that was suspended finds that its lease has
/// expired.</item>
/// <item>Otherwise the streams of named users hold: they stay connected, keep their positions, and wait for the lease by the protocol of
/// <see cref="WakeShard"/>. <see cref="TryHold"/> and a renewal take the same lock: the stream finds the lease valid, or the renewal finds
/// the hold. A read applies the revocations first, then renews the lease, and then wakes the streams that are left.</item>
/// <item>A node that revokes a user appends the revocation at sequence <i>d</i>, and reads through <i>d</i>. It waits until all nodes that
/// it knows have confirmed that they have read through <i>d</i>.</item>
/// <item>The revoking node waits no longer than the timeout. By then a node that has not read through <i>d</i> has no lease, because its
/// last read began before <i>d</i>.</item>
/// </list>
/// A node that the others have removed at step 6 has no lease: its last announcement before <i>d</i> is older than
/// <see cref="Membership"/>. It must announce itself after <i>d</i>, and read through <i>d</i>, before it delivers again. An announcement
/// may be on its way to the log at <i>d</i>. So <see cref="Membership"/> and the longest timeout together are shorter than <see
/// cref="OtherNodes.Lifetime"/>.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="timeout">How long a node may deliver after the begin of a read.</param>
/// <param name="logger">The app's logger.</param>
/// <param name="renew">Schedules a renewal of the lease.</param>
/// <param name="wake">Wakes the streams of all channels, so that those that hold continue.</param>
internal sealed class NodeLease(TimeProvider time, TimeSpan timeout, ILogger logger, Action renew, Action wake)
{
    /// <summary>The shortest <see cref="EventStreamLogOptions.DisconnectTimeout"/>: the channel is read once a second.</summary>
    public static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The longest <see cref="EventStreamLogOptions.DisconnectTimeout"/>.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a node may deliver after an announcement.</summary>
    /// <remarks>The two seconds are for clocks of two machines that run at different speeds, by two seconds in thirty.</remarks>
    private static readonly TimeSpan Membership = OtherNodes.Lifetime - LongestTimeout - TimeSpan.FromSeconds(2);

    /// <summary>How long streams hold before it is logged.</summary>
    /// <remarks>A short hold is normal: a node without named users reads the channel when the first one connects.</remarks>
    private static readonly TimeSpan LoggedAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // All under _gate: the announcement of step 1, how far the channel was applied, and the timestamps at which steps 2 and 3 expire.
    private EventStreamPosition? _announced;
    private EventStreamPosition? _applied;
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

    /// <summary>Whether messages that were read before this call may be delivered to named users.</summary>
    public bool IsValid => time.GetTimestamp() < Volatile.Read(ref _validUntil);

    /// <summary>Whether the other nodes know this one, and will for as long as an append may take.</summary>
    public bool IsMember
    {
        get
        {
            lock (_gate) return time.GetTimestamp() < _memberUntil;
        }
    }

    /// <summary>Whether a stream has held since the last renewal.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>Whether there are streams of named users, for which the lease must be renewed in time.</summary>
    public bool IsWanted => Volatile.Read(ref _users) > 0;

    public void Join() => Interlocked.Increment(ref _users);

    public void Leave() => Interlocked.Decrement(ref _users);

    /// <summary>Marks that a stream holds, and schedules a renewal.</summary>
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

    /// <summary>Renews the lease after the log has appended an announcement of this node.</summary>
    /// <param name="began">When the append began.</param>
    /// <param name="at">The position of the announcement.</param>
    public void Announced(long began, EventStreamPosition at)
    {
        bool ends;
        lock (_gate)
        {
            if (time.GetTimestamp() >= _memberUntil || at.Epoch != _announced?.Epoch) _announced = at;
            _memberUntil = began + time.TimestampsIn(Membership);
            ends = SetValidUntil();
        }

        WakeOrRenew(ends);
    }

    /// <summary>Renews the lease after the nodes' channel was read to its end, and every revocation applied.</summary>
    /// <param name="began">When the read began.</param>
    /// <param name="applied">The position of the last message of the nodes' channel that this node has handled.</param>
    public void Read(long began, EventStreamPosition applied)
    {
        bool ends;
        lock (_gate)
        {
            _applied = applied;
            _readUntil = began + time.TimestampsIn(timeout);
            ends = SetValidUntil();
        }

        WakeOrRenew(ends);
    }

    /// <summary>Ends the lease, because the channel has another history, in which this node has not announced itself.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _memberUntil = 0;
            SetValidUntil();
        }
    }

    /// <summary>Ends the lease for good, before the node tells the others that it stops.</summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            _isGivenUp = true;
            SetValidUntil();
        }
    }

    /// <summary>Logs once that streams hold, after <see cref="LoggedAfter"/>. Called once a second.</summary>
    public void Report()
    {
        lock (_gate)
        {
            if (_isHoldLogged || !_isHolding || time.GetElapsedTime(_heldSince) < LoggedAfter) return;
            _isHoldLogged = true;
            var isMember = time.GetTimestamp() < _memberUntil;
            Log.NodeHolds(logger, isMember ? "read" : "append to");
        }
    }

    /// <summary>Sets the time until which the lease is valid. Called under the lock.</summary>
    /// <returns>Whether streams have held and may continue, so that the caller must wake them.</returns>
    private bool SetValidUntil()
    {
        var hasReadAnnouncement = _announced is { } announced && _applied >= announced;
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
