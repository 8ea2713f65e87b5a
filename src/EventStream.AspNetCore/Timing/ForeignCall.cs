namespace EventStream.AspNetCore.Timing;

/// <summary>The wait for a call into code that is not ours: a policy, the log, a result of the app's, a middleware's body.</summary>
/// <remarks>
/// Such code may ignore its token, and may never return. Nothing of ours waits for it longer than here.
/// An open stream waits in the same way for its source (<see cref="Responses.SourceRun"/>) and its response
/// (<see cref="Responses.StreamOutput"/>). It does so by the clock that all streams share, without an object for each call.
/// </remarks>
internal static class ForeignCall
{
    /// <summary>How long the log has for what is under way when it is to end.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    extension(Task call)
    {
        /// <summary>Waits until the call returns, or has had its time. Then it is abandoned: it goes on, and nobody waits for it.</summary>
        /// <param name="time">The clock.</param>
        /// <param name="limit">How long the call may take.</param>
        /// <param name="moment">How long it may go on after that, or after <paramref name="stop"/>.</param>
        /// <param name="stop">Cancelled when nobody needs the result any more.</param>
        /// <returns>Whether the call has returned. The caller awaits it then, for what it has come to.</returns>
        public async Task<bool> ReturnsAsync(TimeProvider time, TimeSpan limit, TimeSpan moment, CancellationToken stop)
        {
            await call.WaitAsync(limit, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Also after the limit: a process that stood still finds its clock ahead of an answer that has come meanwhile.
            await call.WaitAsync(moment, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            if (call.IsCompleted) return true;
            call.Abandon();
            return false;
        }

        /// <summary>Lets the call go on. What it throws is observed, and goes nowhere.</summary>
        public void Abandon() => _ = call.ContinueWith(
            static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    extension(CancellationTokenSource given)
    {
        /// <summary>
        /// Cancels the token that a call was given together with another, on the thread pool: callbacks of the call's may block.
        /// </summary>
        /// <remarks>
        /// The source has no timer and no link, so it is not disposed of: a call that was abandoned may still hold its token.
        /// </remarks>
        public CancellationTokenRegistration CancelWith(CancellationToken cancellationToken) =>
            cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAsync().Abandon(), given);
    }
}
