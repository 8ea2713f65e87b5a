using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>A source of the framework's <see cref="SseItem{T}"/>.</summary>
/// <remarks>Their fields are checked when they are written. An invalid field is a fault of the source.</remarks>
internal sealed class SseItemSource<T> : SequenceSource<SseItem<T>>
{
    private readonly JsonTypeInfo<T>? _json;

    public SseItemSource(IAsyncEnumerable<SseItem<T>> items, JsonTypeInfo<T>? json)
        : base(items) => _json = json;

    public SseItemSource(Func<string?, IAsyncEnumerable<SseItem<T>>> items, JsonTypeInfo<T>? json)
        : base(items) => _json = json;

    public override string? DataMediaType => PayloadType<T>.MediaType;

    protected override FrameCursor CursorOver(IAsyncEnumerator<SseItem<T>> items, StreamFormat format) =>
        new Cursor(items, format.OfPlainSource, _json ?? PayloadType<T>.ContractFor(format.Json));

    private sealed class Cursor(IAsyncEnumerator<SseItem<T>> items, EventStreamProtocol protocol, JsonTypeInfo<T>? json)
        : SequenceCursor<SseItem<T>>(items, protocol)
    {
        protected override int Write(IBufferWriter<byte> output, in SseItem<T> item, out string? id)
        {
            id = item.EventId;
            PayloadType<T>.RefuseFrame(item.Data);
            ReservedEvents.Check(item.EventType, Protocol);
            return FrameEncoder.WriteValue(
                output,
                EventFields.CheckId(item.EventId),
                EventFields.CheckEvent(item.EventType),
                EventFields.CheckRetry(item.ReconnectionInterval),
                item.Data,
                json);
        }
    }
}
