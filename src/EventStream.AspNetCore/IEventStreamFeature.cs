namespace EventStream.AspNetCore;

/// <summary>A request feature by which the source of an open stream learns that the host is stopping.</summary>
/// <remarks>
/// Found in <see cref="HttpContext.Features"/> while a stream runs whose <see cref="EventStreamOptions.DrainTimeout"/> is above zero;
/// without a drain the source's own token says the same thing.
/// </remarks>
public interface IEventStreamFeature
{
    /// <summary>
    /// Cancelled when the host begins to stop. The source may go on until <see cref="EventStreamOptions.DrainTimeout"/> has passed, and
    /// should end sooner.
    /// </summary>
    CancellationToken Draining { get; }
}
