namespace EventStream.AspNetCore.Responses;

/// <summary>Tells a source of the drain.</summary>
internal sealed class StreamFeature : IEventStreamFeature
{
    private readonly CancellationTokenSource _draining = new();

    public CancellationToken Draining => _draining.Token;

    /// <summary>Cancels the token on the thread pool; fails with what a callback of the user's throws.</summary>
    public Task BeginDrainAsync() => _draining.CancelAsync();
}
