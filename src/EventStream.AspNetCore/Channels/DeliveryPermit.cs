using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Channels;

/// <summary>Whether what a subscriber has read may be written.</summary>
/// <remarks>
/// Never once it was interrupted, and for a named user only while the node has a lease. Owned by the subscriber's loop, except
/// <see cref="Interrupt"/>. Any thread may read it.
/// </remarks>
/// <param name="lease">What a named user's messages need where there is a log; null: nothing.</param>
internal sealed class DeliveryPermit(NodeLease? lease)
{
    private volatile bool _isInterrupted;
    private volatile bool _isHeld;

    public bool IsInterrupted => _isInterrupted;

    /// <summary>Whether the subscriber holds until the lease is renewed, and reads nothing.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>Whether the lease was renewed since the subscriber holds.</summary>
    public bool IsRenewed => !lease!.IsHolding;

    public void Join() => lease?.Join();

    public void Leave() => lease?.Leave();

    /// <summary>Ends the stream of messages. What was read and is not written yet stays so.</summary>
    public void Interrupt() => _isInterrupted = true;

    /// <summary>Looks, after a read and before its write: step 5 of <see cref="Revocations"/>, step 4 of <see cref="NodeLease"/>.</summary>
    public bool MayDeliver()
    {
        if (_isInterrupted) return false;
        _isHeld = lease is { IsValid: false };
        return !_isHeld;
    }

    /// <summary>Whether the subscriber goes on holding. Has the lease renewed then: step 5 of <see cref="NodeLease"/>.</summary>
    public bool Holds()
    {
        if (!_isHeld) return false;
        return _isHeld = lease!.TryHold();
    }
}
