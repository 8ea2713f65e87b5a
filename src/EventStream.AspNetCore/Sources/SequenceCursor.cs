using System.Buffers;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>A walk over a user's enumerator; how an item becomes a frame is the derived class's.</summary>
internal abstract class SequenceCursor<TItem>(IAsyncEnumerator<TItem> items, EventStreamProtocol protocol) : FrameCursor
{
    private string? _currentId;
    private string? _lastId;

    public sealed override string? CurrentId => _currentId;

    public sealed override string? LastId => _lastId;

    public sealed override EventStreamProtocol Protocol => protocol;

    public sealed override ValueTask<bool> MoveNextAsync() => items.MoveNextAsync();

    public sealed override int WriteCurrent(IBufferWriter<byte> output)
    {
        var written = Write(output, items.Current, out _currentId);
        if (written > 0 && _currentId is not null) _lastId = _currentId;
        return written;
    }

    public sealed override int SkipCurrent(IBufferWriter<byte> output)
    {
        var written = protocol.IdOnlyFrames ? FrameEncoder.WritePosition(output, _currentId) : 0;
        if (written > 0) _lastId = _currentId;
        return written;
    }

    public sealed override ValueTask DisposeAsync() => items.DisposeAsync();

    /// <summary>Writes an item, and says its id first, also where it then throws.</summary>
    protected abstract int Write(IBufferWriter<byte> output, in TItem item, out string? id);
}
