using System.Buffers;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Sources;

/// <summary>One response's walk over a source. Used by one loop, one call at a time, except <see cref="Interrupt"/>.</summary>
internal abstract class FrameCursor : IAsyncDisposable
{
    /// <summary>The id of the item that was written last, or could not be written, as the source gave it.</summary>
    public abstract string? CurrentId { get; }

    /// <summary>The id that the client has by what was written; null if that has none.</summary>
    public abstract string? LastId { get; }

    /// <summary>How many messages were written last.</summary>
    public virtual int CurrentCount => 1;

    /// <summary>What is sent besides the messages.</summary>
    public abstract EventStreamProtocol Protocol { get; }

    /// <summary>Whether the client is not to come back after the last message.</summary>
    public virtual bool IsFinal => Protocol.End is not null;

    /// <summary>The name of the channel, if it is one.</summary>
    public virtual string? ChannelName => null;

    /// <summary>What it means that there are no more messages.</summary>
    public virtual EndReason EndReason => EndReason.Finished;

    /// <summary>Looks whether there is something to write. It never waits, and throws what the source threw.</summary>
    /// <remarks>
    /// The result stays the same until it is used: what is ready is written before the next poll. A poll too many is harmless, so the
    /// signal may be set although there is nothing.
    /// </remarks>
    /// <param name="signal">
    /// The loop's signal, the same in each poll. It is set once something may have come after <see cref="PollResult.Pending"/>.
    /// </param>
    public abstract PollResult Poll(StreamSignal signal);

    /// <summary>
    /// Writes what is current, and returns how many bytes: 0 if there is nothing to send. What throws has written nothing.
    /// </summary>
    public abstract int WriteCurrent(IBufferWriter<byte> output);

    /// <summary>Moves the client past an item that could not be written, and returns how many bytes that took.</summary>
    public virtual int SkipCurrent(IBufferWriter<byte> output) => 0;

    /// <summary>
    /// Told from any thread when the source's token is cancelled; for a cursor that does not need the token, and then ends.
    /// </summary>
    public virtual void Interrupt()
    {
    }

    public abstract ValueTask DisposeAsync();
}
