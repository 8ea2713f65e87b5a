namespace EventStream.AspNetCore.Server;

/// <summary>When to ask a silent client whether it is still there, and when to give it up.</summary>
/// <remarks>
/// <para>
/// The kernel gives a connection up in two ways. Probes that stay unanswered end it <see cref="GiveUp"/> after the client's last packet,
/// or at the probe that follows. Data that stays unacknowledged ends it <see cref="GiveUp"/> after that data was sent first.
/// </para>
/// <para>
/// While data is unacknowledged, the kernel sends no probes. So in the worst case a message is sent just before the last probe, and the
/// two times add up. If the client was on the same network, its address must fail to resolve first, which takes 3 seconds more.
/// <see cref="GiveUp"/> is therefore a third of the timeout and not a half.
/// </para>
/// </remarks>
internal sealed class DeadPeerTimes
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    public DeadPeerTimes(TimeSpan timeout)
    {
        if (timeout < Least || timeout > Most)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeout), timeout, $"The timeout of UseDeadPeerDetection must be from {Least} to {Most}.");
        }

        Silence = timeout / 5;
        GiveUp = timeout / 3;
        ProbeInterval = timeout / 15;
    }

    /// <summary>How long a client is silent before it is asked.</summary>
    public TimeSpan Silence { get; }

    /// <summary>How long it has for its answer to a ping, or to acknowledge data.</summary>
    public TimeSpan GiveUp { get; }

    /// <summary>The time between two probes.</summary>
    public TimeSpan ProbeInterval { get; }
}
