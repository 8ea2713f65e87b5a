using System.Buffers;
using System.Text.Json;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>A source of ready-made messages.</summary>
internal sealed class MessageSource : SequenceSource<EventStreamMessage>
{
    public MessageSource(IAsyncEnumerable<EventStreamMessage> messages)
        : base(messages)
    {
    }

    public MessageSource(Func<string?, IAsyncEnumerable<EventStreamMessage>> messages)
        : base(messages)
    {
    }

    protected override FrameCursor CursorOver(IAsyncEnumerator<EventStreamMessage> items, JsonSerializerOptions json) => new Cursor(items, json);

    private sealed class Cursor(IAsyncEnumerator<EventStreamMessage> items, JsonSerializerOptions json) : SequenceCursor<EventStreamMessage>(items)
    {
        protected override int Write(IBufferWriter<byte> output, in EventStreamMessage item, out string? id)
        {
            id = item.Id;
            return FrameEncoder.Write(output, item, json);
        }
    }
}
