namespace EventStream.AspNetCore.Responses;

/// <summary>Signals the drain to a source.</summary>
internal sealed class StreamFeature : IEventStreamFeature
{
    private readonly CancellationTokenSource _draining = new();

    public CancellationToken Draining => _draining.Token;

    /// <summary>Cancels the token on the thread pool. The task fails with the exceptions of the user's callbacks.</summary>
    public Task BeginDrainAsync() => _draining.CancelAsync();
}
