namespace EventStream.Testing.Reading;

/// <summary>
/// Waits for code that is not the kit's, which may ignore its token or not return. A test that waits for it ends all the same.
/// </summary>
internal static class Foreign
{
    /// <summary>Waits until a call returns, or until <paramref name="stop"/> is cancelled.</summary>
    /// <remarks>
    /// In the second case the call is cancelled by a token of its own, and left to itself. The call does not get <paramref name="stop"/>,
    /// because a callback that it registers there could hold up the end of the wait.
    /// </remarks>
    /// <param name="call">Starts the call.</param>
    /// <param name="late">Takes what a call returns that was left. <value>Null: it is dropped.</value></param>
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

    /// <summary>
    /// Waits for something that is being closed, for <paramref name="limit"/> at most, and lets it go. What it throws is dropped.
    /// </summary>
    /// <param name="closing">What is being closed.</param>
    /// <param name="limit">The end of the wait.</param>
    /// <param name="time">The clock of the limit. <value>Null: the real time.</value></param>
    public static async Task LetGoAsync(Task closing, TimeSpan limit, TimeProvider? time = null)
    {
        await closing.WaitAsync(limit, time ?? TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LetGo(closing);
    }

    /// <summary>Lets something go that is being closed. What it throws is dropped.</summary>
    public static void LetGo(Task closing) => _ = closing.ContinueWith(static closed => closed.Exception, TaskScheduler.Default);

    private static void Take<T>(Task<T> returned, Action<T>? late)
    {
        if (returned.IsCompletedSuccessfully) late?.Invoke(returned.Result);
        else _ = returned.Exception;
    }
}
