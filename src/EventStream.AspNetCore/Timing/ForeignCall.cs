namespace EventStream.AspNetCore.Timing;

/// <summary>Waits for calls into foreign code: a policy, the log, a result of the app's, a middleware's body.</summary>
/// <remarks>
/// Foreign code may ignore its token, and may never return, so each wait for it has a limit. An open stream limits the calls into its
/// source (<see cref="Responses.SourceRun"/>) and its response (<see cref="Responses.StreamOutput"/>) in the same way. It uses the clock
/// that all streams share, without an object for each call.
/// </remarks>
internal static class ForeignCall
{
    /// <summary>How long a running call of the log may continue after its limit, or after the stop of the app.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    extension(Task call)
    {
        /// <summary>Waits until the call returns or its time is over. Then it is abandoned: it runs on without a waiter.</summary>
        /// <param name="time">The clock.</param>
        /// <param name="limit">How long the call may take.</param>
        /// <param name="moment">How long it may continue after that, or after <paramref name="stop"/>.</param>
        /// <param name="stop">Cancelled when the result is not needed any more.</param>
        /// <returns>Whether the call has returned. Then the caller awaits it, for its result or exception.</returns>
        public async Task<bool> ReturnsAsync(TimeProvider time, TimeSpan limit, TimeSpan moment, CancellationToken stop)
        {
            await call.WaitAsync(limit, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Also after the limit: in a process that was suspended, the limit has passed, although the call may return right away.
            await call.WaitAsync(moment, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            if (call.IsCompleted) return true;
            call.Abandon();
            return false;
        }

        /// <summary>Stops waiting for the call. Its exception is observed and ignored.</summary>
        public void Abandon() => _ = call.ContinueWith(
            static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    extension(CancellationTokenSource given)
    {
        /// <summary>Links this source, whose token a call was given, to another token.</summary>
        /// <remarks>
        /// The cancellation runs on the thread pool, because callbacks of the call may block. The source is not disposed of, because an
        /// abandoned call may still use its token. It needs no disposal, because it has no timer and no link.
        /// </remarks>
        public CancellationTokenRegistration CancelWith(CancellationToken cancellationToken) =>
            cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAsync().Abandon(), given);
    }
}
