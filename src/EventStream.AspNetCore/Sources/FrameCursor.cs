using System.Buffers;
using EventStream.AspNetCore.Authorization;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Sources;

/// <summary>Reads a source for one response.</summary>
/// <remarks>Used by one loop, one call at a time, except <see cref="Interrupt"/>.</remarks>
internal abstract class FrameCursor : IAsyncDisposable
{
    /// <summary>The source's id of the item that was written last, or could not be written.</summary>
    public abstract string? CurrentId { get; }

    /// <summary>The last id that was written to the client; null if none was.</summary>
    public abstract string? LastId { get; }

    /// <summary>The number of messages that the last write had.</summary>
    public virtual int CurrentCount => 1;

    /// <summary>The protocol, which decides what is sent besides the messages.</summary>
    public abstract EventStreamProtocol Protocol { get; }

    /// <summary>Whether the client must not reconnect after the last message.</summary>
    public virtual bool IsFinal => Protocol.End is not null;

    /// <summary>The name of the channel; null if the source is not a single channel.</summary>
    public virtual string? ChannelName => null;

    /// <summary>The policies of the channels that it reads. Any thread may read them.</summary>
    public virtual IEnumerable<ChannelPolicy> Policies => [];

    /// <summary>The reason why the stream ends after the last message.</summary>
    public virtual EndReason EndReason => EndReason.Finished;

    /// <summary>Checks whether there is something to write. It never waits, and rethrows the source's exceptions.</summary>
    /// <remarks>
    /// The loop must write what is ready before the next poll. An extra poll is harmless, so the signal may be set although nothing is
    /// ready.
    /// </remarks>
    /// <param name="signal">
    /// The loop's signal, the same in each poll. After <see cref="PollResult.Pending"/>, it is set once something may be ready.
    /// </param>
    public abstract PollResult Poll(StreamSignal signal);

    /// <summary>Writes the current item, and returns the number of bytes: 0 if there is nothing to send.</summary>
    /// <remarks>If it throws, it has written nothing.</remarks>
    public abstract int WriteCurrent(IBufferWriter<byte> output);

    /// <summary>Moves the client past an item that could not be written, and returns the number of bytes written.</summary>
    public virtual int SkipCurrent(IBufferWriter<byte> output) => 0;

    /// <summary>Ends a cursor that needs no token. Any thread may call it, when the source would be cancelled.</summary>
    public virtual void Interrupt()
    {
    }

    public abstract ValueTask DisposeAsync();
}
