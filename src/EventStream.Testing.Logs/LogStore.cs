namespace EventStream.Testing.Logs;

/// <summary>The store of a log's channels: empty at first, and opened once by each node.</summary>
/// <remarks>Derive a class that opens your log. Each check of a rule gets a new one.</remarks>
public abstract class LogStore : IAsyncDisposable
{
    /// <summary>How long a rule waits for one call of the log, or for one hint.</summary>
    /// <value>20 s by default.</value>
    public virtual TimeSpan WaitLimit => TimeSpan.FromSeconds(20);

    /// <summary>Opens the log, as a node does.</summary>
    /// <remarks>
    /// A rule opens the log two or three times, and appends and reads with each.
    /// <para/>
    /// A hint without a channel counts as a hint for every channel. If the log gives one at an interval, set that interval longer than
    /// <see cref="WaitLimit"/>. Otherwise the rules cannot see whether the log gives a hint for each append.
    /// </remarks>
    /// <returns>The log. Dispose of it together with the store.</returns>
    public abstract Task<IEventStreamLog> OpenAsync();

    /// <summary>Evicts the messages of a channel up to a sequence, as the log's retention does.</summary>
    /// <remarks>Only <see cref="LogContract.RetentionRules"/> call it. Not supported unless overridden.</remarks>
    /// <param name="channel">The channel's name. The channel exists.</param>
    /// <param name="through">The last sequence to evict.</param>
    /// <exception cref="NotSupportedException">The method is not overridden.</exception>
    public virtual Task DropAsync(string channel, long through) => throw NotSupported(nameof(DropAsync));

    /// <summary>Deletes a channel and its messages, as the log's retention does long after the channel's end.</summary>
    /// <remarks>Only <see cref="LogContract.RetentionRules"/> call it. Not supported unless overridden.</remarks>
    /// <param name="channel">The channel's name. The channel exists.</param>
    /// <exception cref="NotSupportedException">The method is not overridden.</exception>
    public virtual Task ForgetAsync(string channel) => throw NotSupported(nameof(ForgetAsync));

    /// <summary>Closes the logs of <see cref="OpenAsync"/>. Does nothing by default.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    private NotSupportedException NotSupported(string method) =>
        new($"{GetType().Name} does not override {method}. Override it, or leave such rules out: "
            + "LogContract.Rules.Except(LogContract.RetentionRules).");
}
