using System.Buffers;

namespace EventStream.AspNetCore.Sources;

/// <summary>One response's walk over a source. Used by one loop, one call at a time.</summary>
internal abstract class FrameCursor : IAsyncDisposable
{
    /// <summary>The id of the item that was written last, or could not be written, as the source gave it.</summary>
    public string? CurrentId { get; protected set; }

    public abstract ValueTask<bool> MoveNextAsync();

    /// <summary>Writes the current item's frame, and returns how many bytes: 0 if it is empty. What throws has written nothing.</summary>
    public abstract int WriteCurrent(IBufferWriter<byte> output);

    public abstract ValueTask DisposeAsync();
}
