using System.Buffers;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Sources;

/// <summary>A source of bare payloads: each is the data of a default event without an id.</summary>
internal sealed class ValueSource<T> : SequenceSource<T>
{
    private readonly JsonTypeInfo<T>? _json;

    public ValueSource(IAsyncEnumerable<T> values, JsonTypeInfo<T>? json)
        : base(values) => _json = json;

    public ValueSource(Func<string?, IAsyncEnumerable<T>> values, JsonTypeInfo<T>? json)
        : base(values) => _json = json;

    public override string? DataMediaType => PayloadType<T>.MediaType;

    protected override FrameCursor CursorOver(IAsyncEnumerator<T> items, StreamFormat format) =>
        new Cursor(items, format.OfPlainSource, _json ?? PayloadType<T>.ContractFor(format.Json));

    private sealed class Cursor(IAsyncEnumerator<T> items, EventStreamProtocol protocol, JsonTypeInfo<T>? json)
        : SequenceCursor<T>(items, protocol)
    {
        protected override int Write(IBufferWriter<byte> output, in T item, out string? id)
        {
            id = null;
            PayloadType<T>.RefuseFrame(item);
            return FrameEncoder.WriteValue(output, id: null, name: null, retryMilliseconds: 0, item, json);
        }
    }
}
