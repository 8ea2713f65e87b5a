namespace EventStream.AspNetCore.Responses;

/// <summary>Signals the drain to a source, if the source asks for the signal.</summary>
internal sealed class StreamFeature : IEventStreamFeature
{
    // Made when the source asks. Most sources never ask, and a token costs more than this object.
    private CancellationTokenSource? _draining;

    public CancellationToken Draining => Source.Token;

    /// <summary>Whether the source has asked, so that it decides itself when it ends.</summary>
    public bool IsAsked => Volatile.Read(ref _draining) is not null;

    private CancellationTokenSource Source =>
        Volatile.Read(ref _draining) ?? Interlocked.CompareExchange(ref _draining, new(), null) ?? _draining;

    /// <summary>Cancels the token on the thread pool. The task fails with the exceptions of the user's callbacks.</summary>
    public Task BeginDrainAsync() => Source.CancelAsync();
}
