using System.Text.Json;

namespace EventStream.AspNetCore.Sources;

/// <summary>A function from a position to frames: what a result streams, whatever its items are.</summary>
internal abstract class FrameSource
{
    /// <summary>The media type of the payloads, where the source knows it.</summary>
    public virtual string? DataMediaType => null;

    /// <summary>Whether the source runs code of the user's that needs a token. A cursor of the library's own is interrupted without one.</summary>
    public virtual bool NeedsToken => true;

    /// <summary>Whether the source may go on for a while when the host stops. One whose clients resume elsewhere with nothing missing gains nothing by it.</summary>
    public virtual bool MayDrain => true;

    /// <summary>Whether a client whose stream ended at <paramref name="lastEventId"/> has read all there is, and is to stop.</summary>
    public virtual bool IsFinished(string lastEventId) => true;

    /// <summary>Opens the source at <paramref name="lastEventId"/>, for one request; runs the user's function, and so may throw what that throws. Objects are serialised by <paramref name="json"/>.</summary>
    public abstract FrameCursor Open(HttpContext context, JsonSerializerOptions json, string? lastEventId, CancellationToken cancellationToken);
}
