using System.Buffers;
using System.Text.Json;
using EventStream.AspNetCore.Responses;
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

    protected override FrameCursor CursorOver(IAsyncEnumerator<EventStreamMessage> items, StreamFormat format) => new Cursor(items, format);

    private sealed class Cursor(IAsyncEnumerator<EventStreamMessage> items, StreamFormat format)
        : SequenceCursor<EventStreamMessage>(items, format.OfPlainSource)
    {
        private readonly JsonSerializerOptions _json = format.Json;

        protected override int Write(IBufferWriter<byte> output, in EventStreamMessage item, out string? id)
        {
            id = item.Id;
            ReservedEvents.Check(item.Event, Protocol);
            return FrameEncoder.Write(output, item, _json);
        }
    }
}
