namespace EventStream.Testing.Logs;

/// <summary>Where a log keeps its channels: empty at first, and opened once by each node.</summary>
/// <remarks>Derive a class that opens your log. Each check of a rule gets a new one.</remarks>
public abstract class LogStore : IAsyncDisposable
{
    /// <summary>How long a rule waits for one call of the log, or for one hint.</summary>
    /// <value>20 s by default.</value>
    public virtual TimeSpan WaitLimit => TimeSpan.FromSeconds(20);

    /// <summary>Opens the log, as a node does. A rule opens it two or three times, and appends and reads by each.</summary>
    /// <remarks>
    /// The hint without a channel stands in for the hint of any channel. Where the log gives it now and then, set its interval longer than
    /// <see cref="WaitLimit"/>, so that the rules see whether appends are hinted at.
    /// </remarks>
    /// <returns>The log. Dispose of it with the store.</returns>
    public abstract Task<IEventStreamLog> OpenAsync();

    /// <summary>Drops the messages of a channel up to a sequence, as the log's retention does.</summary>
    /// <remarks>Only <see cref="LogContract.RetentionRules"/> call it. By default the store cannot.</remarks>
    /// <param name="channel">The channel's name. The channel exists.</param>
    /// <param name="through">The last sequence that is dropped.</param>
    /// <exception cref="NotSupportedException">It is not overridden.</exception>
    public virtual Task DropAsync(string channel, long through) => throw NotSupported(nameof(DropAsync));

    /// <summary>Drops a channel with all that it has, as the log's retention does long after the channel's end.</summary>
    /// <remarks>Only <see cref="LogContract.RetentionRules"/> call it. By default the store cannot.</remarks>
    /// <param name="channel">The channel's name. The channel exists.</param>
    /// <exception cref="NotSupportedException">It is not overridden.</exception>
    public virtual Task ForgetAsync(string channel) => throw NotSupported(nameof(ForgetAsync));

    /// <summary>Closes what <see cref="OpenAsync"/> has opened. Does nothing by default.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    private NotSupportedException NotSupported(string method) =>
        new($"{GetType().Name} does not override {method}. Override it, or leave such rules out: "
            + "LogContract.Rules.Except(LogContract.RetentionRules).");
}
