namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A filter that blocks its subscriber at the first message, until it may go on.</summary>
public sealed class BlockingFilter
{
    private readonly TaskCompletionSource _isBlocking = new();
    private readonly TaskCompletionSource _goOn = new();

    /// <summary>Completes when the subscriber is blocked.</summary>
    public Task IsBlocking => _isBlocking.Task;

    public void GoOn() => _goOn.SetResult();

    public bool Accepts(EventStreamEntry entry)
    {
        _isBlocking.TrySetResult();
        _goOn.Task.Wait();
        return true;
    }
}
