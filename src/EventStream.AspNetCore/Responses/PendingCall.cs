namespace EventStream.AspNetCore.Responses;

/// <summary>The signal for which a stream's loop waits while a call into the server is pending.</summary>
internal sealed class PendingCall : StreamSignal
{
    public PendingCall() => OnReturned = () => Set(StreamWake.Source);

    /// <summary>The continuation of the call.</summary>
    public Action OnReturned { get; }

    /// <summary>Waits for a call that the loop has abandoned, so that its exception is observed.</summary>
    public async Task IgnoreAsync<T>(ValueTask<T> call)
    {
        while (!(await WaitAsync()).HasFlag(StreamWake.Source))
        {
        }

        await ((Task)call.AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
