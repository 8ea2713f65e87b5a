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

    protected override FrameFormat<EventStreamMessage> FormatFor(JsonSerializerOptions json) => new Format(json);

    private sealed class Format(JsonSerializerOptions json) : FrameFormat<EventStreamMessage>
    {
        public override string? IdOf(EventStreamMessage item) => item.Id;

        public override int Write(IBufferWriter<byte> output, EventStreamMessage item) => FrameEncoder.Write(output, item, json);
    }
}
