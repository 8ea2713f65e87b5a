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

    protected override FrameFormat<T> FormatFor(JsonSerializerOptions json) => new Format(_json ?? PayloadType<T>.ContractFor(json));

    private sealed class Format(JsonTypeInfo<T>? json) : FrameFormat<T>
    {
        public override string? IdOf(T item) => null;

        public override int Write(IBufferWriter<byte> output, T item)
        {
            PayloadType<T>.RefuseFrame(item);
            return FrameEncoder.WriteValue(output, id: null, name: null, retryMilliseconds: 0, item, json);
        }
    }
}
