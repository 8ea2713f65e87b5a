namespace EventStream.Testing.Reading;

/// <summary>Waits in bounded time for foreign code, which may ignore its token or never return.</summary>
internal static class Foreign
{
    /// <summary>Waits until a call returns, or until <paramref name="stop"/> is cancelled.</summary>
    /// <remarks>
    /// In the second case the call is cancelled by a separate token, and abandoned. The call does not get <paramref name="stop"/>, because
    /// a callback that it registers there could delay the end of the wait.
    /// </remarks>
    /// <param name="call">Starts the call.</param>
    /// <param name="late">Receives the result of an abandoned call; null to drop it.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait is over, and the call has not returned.</exception>
    public static async Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> call, Action<T>? late, CancellationToken stop)
    {
        var given = new CancellationTokenSource();
        var calling = call(given.Token);
        try
        {
            return await calling.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!calling.IsCompleted)
        {
            LetGo(given.CancelAsync());
            _ = calling.ContinueWith(returned => Take(returned, late), TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Waits for a close operation for <paramref name="limit"/> at most, and drops its exception.</summary>
    /// <param name="closing">The close operation.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="time">The clock of the limit; null for the real time.</param>
    public static async Task LetGoAsync(Task closing, TimeSpan limit, TimeProvider? time = null)
    {
        await closing.WaitAsync(limit, time ?? TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LetGo(closing);
    }

    /// <summary>Abandons a close operation, and drops its exception.</summary>
    public static void LetGo(Task closing) => _ = closing.ContinueWith(static closed => closed.Exception, TaskScheduler.Default);

    private static void Take<T>(Task<T> returned, Action<T>? late)
    {
        if (returned.IsCompletedSuccessfully) late?.Invoke(returned.Result);
        else _ = returned.Exception;
    }
}
