using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Sources;

/// <summary>The source of a result's frames, whatever its items are. It is opened at a position.</summary>
internal abstract class FrameSource
{
    /// <summary>The media type of the payloads; null if the source does not know it.</summary>
    public virtual string? DataMediaType => null;

    /// <summary>Whether the source runs the user's code, which needs a token.</summary>
    /// <remarks>The library's own cursors end by <see cref="FrameCursor.Interrupt"/>.</remarks>
    public virtual bool NeedsToken => true;

    /// <summary>Whether the source may continue during the drain of a host that stops.</summary>
    /// <remarks>If the clients of a source can resume on another node without a gap, a drain would only delay them.</remarks>
    public virtual bool MayDrain => true;

    /// <summary>Whether it reads no channel, so that <see cref="PlainStreams"/> must end its streams.</summary>
    public virtual bool IsPlain => true;

    /// <summary>Whether a client whose stream ended at <paramref name="lastEventId"/> has read everything, and must stop.</summary>
    public virtual bool IsFinished(string lastEventId) => true;

    /// <summary>Gets the protocol of its streams, as far as it is known before a stream opens.</summary>
    public virtual EventStreamProtocol ProtocolIn(StreamFormat format) => format.OfPlainSource;

    /// <summary>Opens the source at <paramref name="lastEventId"/>, for one request.</summary>
    /// <remarks>Rethrows any exception of the user's function.</remarks>
    public abstract FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken);
}
