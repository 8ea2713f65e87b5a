using Chat.Model;

namespace EventStream.Chat.Tests.Infrastructure;

/// <summary>A pace at which the model writes only the words that the test lets it write.</summary>
internal sealed class HeldPace() : Pace(new ConfigurationBuilder().Build())
{
    private readonly SemaphoreSlim _words = new(0);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the model was told to stop while it waited.</summary>
    public Task Stopped => _stopped.Task;

    public void Write(int words) => _words.Release(words);

    public override async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _words.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _stopped.TrySetResult();
            throw;
        }
    }
}
