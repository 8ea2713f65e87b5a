using System.Buffers;

namespace EventStream.AspNetCore.Sources;

internal sealed class SequenceCursor<TItem>(IAsyncEnumerator<TItem> items, FrameFormat<TItem> format) : FrameCursor
{
    public override string? CurrentId => format.IdOf(items.Current);

    public override ValueTask<bool> MoveNextAsync() => items.MoveNextAsync();

    public override int WriteCurrent(IBufferWriter<byte> output) => format.Write(output, items.Current);

    public override ValueTask DisposeAsync() => items.DisposeAsync();
}
