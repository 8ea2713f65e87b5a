namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A source that takes no notice of any token: it waits until the test lets it go.</summary>
public sealed class TokenIgnoringSource
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Disposed => _disposed.Task;

    public void Release() => _release.TrySetResult();

    public async IAsyncEnumerable<EventStreamMessage> Messages()
    {
        try
        {
            yield return new() { Id = "1", Data = "before" };
            await _release.Task;
            yield return new() { Id = "2", Data = "after" };
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }
}
