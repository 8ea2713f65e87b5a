using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Sources;

/// <summary>A function from a position to frames: what a result streams, whatever its items are.</summary>
internal abstract class FrameSource
{
    /// <summary>The media type of the payloads, where the source knows it.</summary>
    public virtual string? DataMediaType => null;

    /// <summary>
    /// Whether the source runs code of the user's that needs a token. A cursor of the library's own is interrupted without one.
    /// </summary>
    public virtual bool NeedsToken => true;

    /// <summary>
    /// Whether the source may go on for a while when the host stops. One whose clients resume elsewhere with nothing missing gains nothing
    /// by it.
    /// </summary>
    public virtual bool MayDrain => true;

    /// <summary>Whether a client whose stream ended at <paramref name="lastEventId"/> has read all there is, and is to stop.</summary>
    public virtual bool IsFinished(string lastEventId) => true;

    /// <summary>The protocol of its streams, as far as it is known before one is opened.</summary>
    public virtual EventStreamProtocol ProtocolIn(StreamFormat format) => format.OfPlainSource;

    /// <summary>Opens the source at <paramref name="lastEventId"/>, for one request.</summary>
    /// <remarks>Runs the user's function, and so may throw what that throws.</remarks>
    public abstract FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken);
}
