using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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

    protected override FrameCursor CursorOver(IAsyncEnumerator<T> items, JsonSerializerOptions json) =>
        new Cursor(items, _json ?? PayloadType<T>.ContractFor(json));

    private sealed class Cursor(IAsyncEnumerator<T> items, JsonTypeInfo<T>? json) : SequenceCursor<T>(items)
    {
        protected override int Write(IBufferWriter<byte> output, in T item, out string? id)
        {
            id = null;
            PayloadType<T>.RefuseFrame(item);
            return FrameEncoder.WriteValue(output, id: null, name: null, retryMilliseconds: 0, item, json);
        }
    }
}
