using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Responses;

/// <summary>The open streams that read no channel, where a revocation finds them.</summary>
/// <remarks>
/// They follow the protocol of <see cref="Revocations"/>. In its step 5, <see cref="MessageWriter"/> asks
/// <see cref="StreamStop.MaySendLast"/>. Streams of an app without <c>AddEventStreams</c> are not in it, because nothing could end them.
/// </remarks>
/// <param name="revocations">The revocations of this process.</param>
internal sealed class PlainStreams(Revocations revocations)
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<StreamSession, StreamIdentity> _streams = [];

    /// <summary>The node's lease; null without a log. The hub sets it when it is created, before the app serves requests.</summary>
    public NodeLease? Lease { get; set; }

    /// <summary>Adds a stream, from when a revocation finds it.</summary>
    /// <param name="session">The stream.</param>
    /// <param name="stream">Whose stream it is.</param>
    /// <param name="context">Its request, whose capture is dropped.</param>
    /// <returns>The revocation since its request began, by which the stream must end; null if there was none.</returns>
    public Revocation? Join(StreamSession session, in StreamIdentity stream, HttpContext context)
    {
        lock (_gate) _streams.Add(session, stream);
        var revocation = revocations.CaptureOf(context).FirstOf(stream);
        Revocations.Drop(context);
        return revocation;
    }

    /// <summary>Removes a stream before its request ends.</summary>
    public void Leave(StreamSession session)
    {
        lock (_gate) _streams.Remove(session);
    }

    /// <summary>Ends the streams that a revocation selects.</summary>
    public void End(Revocation revocation)
    {
        // Looked at outside of the lock, because a principal is the app's code.
        KeyValuePair<StreamSession, StreamIdentity>[] streams;
        lock (_gate) streams = [.. _streams];
        foreach (var (session, stream) in streams)
        {
            if (revocation.Selects(stream)) session.Revoke(revocation);
        }
    }

    /// <summary>Wakes the streams that hold a message, after the lease was renewed.</summary>
    public void Wake()
    {
        StreamSession[] sessions;
        lock (_gate) sessions = [.. _streams.Keys];
        foreach (var session in sessions) session.WakeIfHeld();
    }
}
