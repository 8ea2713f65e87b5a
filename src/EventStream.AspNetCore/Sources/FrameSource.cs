using EventStream.AspNetCore.Responses;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Sources;

/// <summary>The source of a result's frames, whatever its items are. It is opened at a position.</summary>
internal abstract class FrameSource
{
    /// <summary>The media type of the payloads; null if the source does not know it.</summary>
    public virtual string? DataMediaType => null;

    /// <summary>Whether the source runs the user's code, which needs a token.</summary>
    /// <remarks>The library's own cursors end by <see cref="FrameCursor.Interrupt"/>.</remarks>
    public virtual bool NeedsToken => true;

    /// <summary>Whether <see cref="FrameCursor.Policies"/> were evaluated for the request, to be evaluated again later.</summary>
    public virtual bool HasCheckedPolicies => false;

    /// <summary>The channels that it reads, each once; empty if it reads none.</summary>
    public virtual StringValues ChannelNames => default;

    /// <summary>The user that the app has set for its stream; null: the user of the request's claims.</summary>
    public virtual string? User => null;

    /// <summary>Whether it reads no channel, so that <see cref="PlainStreams"/> must end its streams.</summary>
    public bool IsPlain => ChannelNames.Count == 0;

    /// <summary>Whether a client whose stream ended at <paramref name="lastEventId"/> has read everything, and must stop.</summary>
    /// <param name="lastEventId">The client's position, with its end mark.</param>
    /// <exception cref="EventStreamLogException">Only the log knows, and it is unavailable.</exception>
    public virtual ValueTask<bool> IsFinishedAsync(string lastEventId) => new(true);

    /// <summary>Gets the protocol of its streams, as far as it is known before a stream opens.</summary>
    public virtual EventStreamProtocol ProtocolIn(StreamFormat format) => format.OfPlainSource;

    /// <summary>Does what must be done before a stream opens, and only for a stream that was admitted.</summary>
    /// <param name="lastEventId">The client's position, with its end mark if it has one; null if there is none.</param>
    /// <exception cref="EventStreamLogException">It needs the log, which is unavailable.</exception>
    public virtual ValueTask PrepareAsync(string? lastEventId) => default;

    /// <summary>Opens the source at <paramref name="lastEventId"/>, for one request, after <see cref="PrepareAsync"/>.</summary>
    /// <remarks>Rethrows any exception of the user's function.</remarks>
    public abstract FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken);
}
