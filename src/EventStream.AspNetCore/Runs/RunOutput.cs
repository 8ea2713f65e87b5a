using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>Where a run writes: the history of a channel in memory, or a channel of the log.</summary>
internal abstract class RunOutput
{
    /// <summary>Completes when nothing more can be written, with the reason.</summary>
    public abstract Task<RunEndReason> Broken { get; }

    /// <summary>Publishes messages together, after those that were written before.</summary>
    /// <returns>Completes when the producer may continue, which is before a log has the messages.</returns>
    public abstract ValueTask WriteAsync(RingEntry[] entries);

    /// <summary>Waits until all messages that were written are published.</summary>
    /// <remarks>It rethrows the exception of a message that is not published, or may not be.</remarks>
    public abstract Task FlushAsync();

    /// <summary>Accepts no more messages, and ends the run.</summary>
    /// <param name="outcome">How it has ended.</param>
    public abstract Task EndAsync(RunOutcome outcome);
}
