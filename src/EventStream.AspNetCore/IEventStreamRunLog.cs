namespace EventStream.AspNetCore;

/// <summary>A log that can also hold runs, so that <see cref="EventStreamHubRunExtensions"/> works on its channels.</summary>
/// <remarks>
/// <para>
/// Optional for a log. Without it, <c>hub.Run</c> of a durable channel throws. A channel has at most one run. The node that has claimed the
/// run owns it: it calls the producer, and appends what the producer yields with the claim's token
/// (<see cref="EventStreamLogRecord.RunToken"/>). It renews its lease again and again. A log must keep these promises:
/// </para>
/// <para>
/// <b>One owner</b>: of all claims of a channel, at any moment, at most one holds the run. Claims of one channel have an order.
/// </para>
/// <para>
/// <b>Fence</b>: a record with a token is appended only while this token holds the channel's run. The log checks that in the step that
/// appends. So an owner whose run was taken over, stopped or ended can write nothing more, however late its append arrives.
/// </para>
/// <para>
/// <b>Clock</b>: the log's own clock decides whether a lease is over. The clocks of the nodes have no influence.
/// </para>
/// <para>
/// <b>End</b>: a run ends in the step that completes its channel, and that step gives a hint to the nodes that follow
/// (<see cref="IEventStreamLog.FollowAsync"/>). If a record completes the channel (<see cref="EventStreamLogRecord.IsEnd"/>), its run is
/// complete. That also holds if its lease is over or its stop was requested. So no token holds the run of a complete channel. Every page
/// of the channel has the run's state (<see cref="EventStreamLogPage.Run"/>), and whether its readers were told of its failure
/// (<see cref="EventStreamLogPage.AreReadersTold"/>). A run and its channel are deleted together.
/// </para>
/// <para>
/// Threads and errors are as for <see cref="IEventStreamLog"/>. A call whose outcome is unknown may be made again, with the same arguments.
/// </para>
/// </remarks>
public interface IEventStreamRunLog : IEventStreamLog
{
    /// <summary>Claims the run of a channel, or finds the one that is there.</summary>
    /// <remarks>
    /// <para>The step does one of these:</para>
    /// <list type="bullet">
    /// <item>The claim's own token holds the run: returns it, and renews its lease.</item>
    /// <item>A run holds the channel, and its lease is not over: returns it.</item>
    /// <item>
    /// A run whose lease is over: if it <see cref="EventStreamLogRun.TakesOver"/> and the claim does too, the claim's token holds the run
    /// from now on. The channel keeps its epoch and its records. Otherwise the run has failed, and the next cases decide. If its stop was
    /// requested, it is not taken over: it is stopped, and the next cases decide.
    /// </item>
    /// <item>
    /// A run that is complete or stopped, or a complete channel without a run: returns it, unless the claim
    /// <see cref="EventStreamRunClaim.Restarts"/>.
    /// </item>
    /// <item>
    /// Otherwise the claim's token holds a new run. A channel that is not complete keeps its records. A complete channel is dropped, and
    /// created again with a new epoch and another origin. A channel that does not exist is created.
    /// </item>
    /// </list>
    /// </remarks>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The run. The claim holds it if <see cref="EventStreamLogRun.Token"/> is the claim's.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejects the claim.</exception>
    ValueTask<EventStreamLogRun> ClaimRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken);

    /// <summary>Takes over the run of a channel, and begins none.</summary>
    /// <remarks>
    /// <para>
    /// A node that has joined a run calls it after the owner has died. By then another may have ended the run, or taken it over, and
    /// <see cref="ClaimRunAsync"/> would begin the run anew. An owner calls it to replace its own token after an append that failed.
    /// </para>
    /// <para>The step does one of these. The channel keeps its epoch and its records, and the run keeps a requested stop.</para>
    /// <list type="bullet">
    /// <item>The claim's own token holds the run: renews its lease.</item>
    /// <item>
    /// The token that the claim <see cref="EventStreamRunClaim.Replaces"/> holds the run: the claim's token holds it from now on, also
    /// while the lease is not over.
    /// </item>
    /// <item>
    /// The run is running, its lease is over, it <see cref="EventStreamLogRun.TakesOver"/>, and no stop was requested: the claim's token
    /// holds it from now on.
    /// </item>
    /// <item>Otherwise nothing changes.</item>
    /// </list>
    /// <para>
    /// The step is in the order of the channel's appends. <see cref="EventStreamLogRun.Newest"/> of the result counts every record that was
    /// appended before it, and an append with the former token appends nothing after it.
    /// </para>
    /// </remarks>
    /// <param name="claim">
    /// The claim. <see cref="EventStreamRunClaim.Restarts"/> and <see cref="EventStreamRunClaim.TakesOver"/> do not count.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// The run as it is now; null if the channel has none. The claim holds it if <see cref="EventStreamLogRun.Token"/> is the claim's.
    /// </returns>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejects the claim.</exception>
    ValueTask<EventStreamLogRun?> TakeOverRunAsync(EventStreamRunClaim claim, CancellationToken cancellationToken);

    /// <summary>Renews the leases of runs that this node owns.</summary>
    /// <remarks>A lease that is over is renewed as well, if no other claim has taken the run meanwhile.</remarks>
    /// <param name="tokens">The tokens of the runs.</param>
    /// <param name="lease">How long each lease is from now on. Zero gives the runs up, so that another node can take them over.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The runs that the tokens hold. A token that is missing holds no run any more: its owner must stop.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    ValueTask<IReadOnlyList<EventStreamLogRun>> RenewRunsAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Ends a run that a token holds, and completes its channel.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <param name="token">The token of the claim.</param>
    /// <param name="state">Its last state: not <see cref="EventStreamRunState.Running"/>.</param>
    /// <param name="areReadersTold">
    /// Whether the last messages of a failed run tell its readers so; false for other states. Every page of the channel has it
    /// (<see cref="EventStreamLogPage.AreReadersTold"/>).
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The run as it is now; null if there is none. If the token does not hold it, nothing was changed.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    ValueTask<EventStreamLogRun?> EndRunAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken);

    /// <summary>Marks that a run must stop. A run whose lease is over is stopped in this step.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <param name="epoch">The epoch of the run that must stop; null: that of any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// The run as it is now; null if the channel has none. A run that is over, or of another epoch, stays as it is.
    /// </returns>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken);

    /// <summary>Reads the runs of channels, or all that are running.</summary>
    /// <param name="channels">The channels' names. Null: all runs whose state is running.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The runs, in any order. A channel without a run is missing.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    ValueTask<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(IReadOnlyList<string>? channels, CancellationToken cancellationToken);

    /// <summary>Ends runs whose owner has died: their lease is over, and no node has taken them over.</summary>
    /// <remarks>
    /// A run without takeover has failed as soon as its lease is over; one with takeover, when it is over for <paramref name="patience"/>.
    /// A run whose stop was requested is stopped instead. Every node calls it every few seconds.
    /// </remarks>
    /// <param name="patience">How long a run waits to be taken over.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The runs that this call has ended.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    ValueTask<IReadOnlyList<EventStreamLogRun>> EndAbandonedRunsAsync(TimeSpan patience, CancellationToken cancellationToken);
}
