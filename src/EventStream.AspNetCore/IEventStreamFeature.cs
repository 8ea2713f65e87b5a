namespace EventStream.AspNetCore;

/// <summary>A request feature that signals to the source of an open stream that the host is stopping.</summary>
/// <remarks>
/// It is in <see cref="HttpContext.Features"/> while a stream runs whose <see cref="EventStreamOptions.DrainTimeout"/> is above zero. If it
/// is zero, the source's own token is cancelled at that moment instead. A stream of channels has it only if one of them has
/// <see cref="EventStreamChannelOptions.OnGap"/>.
/// </remarks>
public interface IEventStreamFeature
{
    /// <summary>A token that is cancelled when the host begins to stop.</summary>
    /// <remarks>
    /// A source that has got this token before that moment decides itself when it ends. It may continue until
    /// <see cref="EventStreamOptions.DrainTimeout"/> has passed, and should end sooner. Any other source is cancelled at a random moment of
    /// that time.
    /// </remarks>
    CancellationToken Draining { get; }
}
