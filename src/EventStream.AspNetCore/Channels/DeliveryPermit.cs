using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Channels;

/// <summary>Decides whether a subscriber may write the messages that it has read.</summary>
/// <remarks>
/// It may not after an interrupt, and a named user's subscriber may only while the node has a lease. The subscriber's loop owns it, except
/// <see cref="Interrupt"/>. Any thread may read it. Not an object of its own, because each object counts if thousands of streams are idle.
/// </remarks>
/// <param name="lease">The node's lease, for the subscriber of a named user; null if none is needed.</param>
internal struct DeliveryPermit(NodeLease? lease)
{
    private volatile bool _isInterrupted;
    private volatile bool _isHeld;

    public readonly bool IsInterrupted => _isInterrupted;

    /// <summary>Whether the subscriber holds: it reads nothing until the lease is renewed.</summary>
    public readonly bool IsHeld => _isHeld;

    /// <summary>Whether the lease was renewed while the subscriber holds.</summary>
    public readonly bool IsRenewed => !lease!.IsHolding;

    public readonly void Join() => lease?.Join();

    public readonly void Leave() => lease?.Leave();

    /// <summary>Stops the delivery: messages that were read and not written yet are not written any more.</summary>
    public void Interrupt() => _isInterrupted = true;

    /// <summary>Checks after a read and before its write: step 5 of <see cref="Revocations"/>, step 4 of <see cref="NodeLease"/>.</summary>
    public bool MayDeliver()
    {
        if (_isInterrupted) return false;
        _isHeld = lease is { IsValid: false };
        return !_isHeld;
    }

    /// <summary>Whether the subscriber still holds; if so, has the lease renewed: step 5 of <see cref="NodeLease"/>.</summary>
    public bool Holds()
    {
        if (!_isHeld) return false;
        return _isHeld = lease!.TryHold();
    }
}
