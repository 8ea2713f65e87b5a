using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class JsonFrameTests
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web)
    {
        WriteIndented = true,
        NewLine = "\r\n",
        IndentCharacter = '\t',
        IndentSize = 1,
    };

    [Fact(Timeout = 30_000)]
    public async Task Write_Json_ByTheAppsOptions() =>
        Encoded.Frame(
            EventStreamMessage.Json(new Quote("MSFT", 1.5m)) with
            {
                Id = "42",
                Event = "price",
                Retry = TimeSpan.FromSeconds(1),
                Comment = "c",
            })
            .Should().Be(": c\nid: 42\nevent: price\ndata: {\"symbol\":\"MSFT\",\"price\":1.5}\nretry: 1000\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_JsonWithItsOwnContract_ByThat()
    {
        var contract = (JsonTypeInfo<Quote>)Indented.GetTypeInfo(typeof(Quote));

        Encoded.Frame(EventStreamMessage.Json(new Quote("A", 1), contract))
            .Should().Be("data: {\ndata: \t\"symbol\": \"A\",\ndata: \t\"price\": 1\ndata: }\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_JsonNull_IsData() => Encoded.Frame(EventStreamMessage.Json<Quote?>(null)).Should().Be("data: null\n\n");

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_Null_IsData() => Encoded.Value<Quote?>(null).Should().Be("data: null\n\n");

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_TextDeclaredAsObject_IsText() => Encoded.Value<object>("a\nb").Should().Be("data: a\ndata: b\n\n");

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_DerivedType_WritesItsOwnProperties() =>
        Encoded.Value<Quote>(new Trade("A", 1, 2)).Should().Be("data: {\"size\":2,\"symbol\":\"A\",\"price\":1}\n\n");

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_Fields_AllOfThem() => Encoded.By(output => FrameEncoder.WriteValue(
        output,
        "7",
        "price",
        5,
        new Quote("A", 1),
        JsonContract<Quote>.From(JsonSerializerOptions.Web)))
            .Should().Be("id: 7\nevent: price\ndata: {\"symbol\":\"A\",\"price\":1}\nretry: 5\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_IndentedWithCrLf_ALineEach() =>
        Encoded.Frame(EventStreamMessage.Json(new Quote("A\r\nB", 1)) with { Id = "1" }, Indented)
            .Should().Be("id: 1\ndata: {\ndata: \t\"symbol\": \"A\\r\\nB\",\ndata: \t\"price\": 1\ndata: }\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_AlternatingOptions_EachByItsOwn()
    {
        for (var i = 0; i < 3; i++)
        {
            Encoded.Value(new Quote("A", 1)).Should().Be("data: {\"symbol\":\"A\",\"price\":1}\n\n");
            Encoded.Value(new Quote("A", 1), Indented)
                .Should().Be("data: {\ndata: \t\"symbol\": \"A\",\ndata: \t\"price\": 1\ndata: }\n\n");
            Encoded.Value(new Quote("é", 1)).Should().Be("data: {\"symbol\":\"\\u00E9\",\"price\":1}\n\n");
            Encoded.Value(new Quote("é", 1), new()
            {
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            }).Should().Be("data: {\"Symbol\":\"é\",\"Price\":1}\n\n");
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_RawValueWithLineBreaks_CannotForgeAField() =>
        Encoded.Value(new Raw("1\n\nid: forged\revent: forged\r\n\r\n"))
            .Should().Be("data: 1\ndata: \ndata: id: forged\ndata: event: forged\ndata: \ndata: \n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_RawValueWithALoneCr_CannotForgeAField() =>
        Encoded.Value(new Raw("1\rid: forged")).Should().Be("data: 1\ndata: id: forged\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_ThrowsHalfWay_NothingWritten()
    {
        foreach (var size in (int[])[0, 10, 5_000, 300_000])
        {
            var array = new ArrayBufferWriter<byte>();
            var tight = new TightWriter();
            var message = EventStreamMessage.Json(new Half(size)) with { Id = "7", Comment = new string('c', size) };

            ((Action)(() => FrameEncoder.Write(array, message, JsonSerializerOptions.Web))).Should().Throw<InvalidTimeZoneException>();
            ((Action)(() => FrameEncoder.Write(tight, message, JsonSerializerOptions.Web))).Should().Throw<InvalidTimeZoneException>();
            ((Action)(() => FrameEncoder.WriteWithId(
                array, ".end", message with { Id = null }, JsonSerializerOptions.Web))).Should().Throw<InvalidTimeZoneException>();

            array.WrittenCount.Should().Be(0);
            tight.Advances.Should().Be(0);
        }

        Encoded.Value(new Quote("A", 1)).Should().Be("data: {\"symbol\":\"A\",\"price\":1}\n\n", "the next frame starts clean");
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_ThrowsHalfWayIntoAPipe_NextFrameFollowsThePreviousOne()
    {
        var pipe = new Pipe();
        FrameEncoder.Write(pipe.Writer, new() { Data = "before" }, JsonSerializerOptions.Web);

        ((Action)(() => FrameEncoder.Write(
            pipe.Writer, EventStreamMessage.Json(new Half(9_000)), JsonSerializerOptions.Web))).Should().Throw<InvalidTimeZoneException>();

        FrameEncoder.Write(pipe.Writer, EventStreamMessage.Json(1), JsonSerializerOptions.Web);
        await pipe.Writer.CompleteAsync();
        var read = await pipe.Reader.ReadAsync();
        Encoded.Text(read.Buffer.ToArray()).Should().Be("data: before\n\ndata: 1\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_ConverterWritesAFrameOfItsOwn_BothWhole()
    {
        Encoded.Value(new Nested())
            .Should().Be("data: \"data: {\\u0022symbol\\u0022:\\u0022inner\\u0022,\\u0022price\\u0022:1}\\n\\n\"\n\n");
        Encoded.Value(new Quote("A", 1)).Should().Be("data: {\"symbol\":\"A\",\"price\":1}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_AnySizeOfJsonAndMemory_SameBytes()
    {
        foreach (var size in (int[])[0, 100, 400, 500, 511, 512, 513, 1_000, 4_096, 70_000, 1_200_000])
        {
            var text = new string('x', size);
            foreach (var spare in (int[])[0, 1, 700, 5_000])
            {
                var output = new TightWriter(spare);
                FrameEncoder.Write(
                    output,
                    EventStreamMessage.Json(text) with { Comment = text, Retry = TimeSpan.FromSeconds(1) },
                    JsonSerializerOptions.Web);

                (Encoded.Text(output.WrittenSpan) == $":{(size == 0 ? "" : " ")}{text}\ndata: \"{text}\"\nretry: "
                + "1000\n\n").Should().BeTrue();
                output.LargestHint.Should().BeLessThan(4096, "a block of a server's memory pool has no more");
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_NestedDeeperThanTheOptionsAllow_ThrowsAsTheSerializerDoes()
    {
        object value = 1;
        for (var depth = 0; depth < 70; depth++) value = new[] { value };

        ((Action)(() => Encoded.Value(value))).Should().Throw<JsonException>();
        ((Action)(() => Encoded.Value(value, new(JsonSerializerOptions.Web) { MaxDepth = 100 }))).Should().NotThrow();
        ((Action)(() => Encoded.Value(new Deep(65)))).Should().Throw<JsonException>("a converter of the app's is held to the same depth");
        ((Action)(() => Encoded.Value(new Deep(64)))).Should().NotThrow();
    }

    private record Quote(string Symbol, decimal Price);

    private sealed record Trade(string Symbol, decimal Price, int Size) : Quote(Symbol, Price);

    [JsonConverter(typeof(RawConverter))]
    private sealed record Raw(string Json);

    [JsonConverter(typeof(HalfConverter))]
    private sealed record Half(int Size);

    [JsonConverter(typeof(NestedConverter))]
    private sealed record Nested;

    [JsonConverter(typeof(DeepConverter))]
    private sealed record Deep(int Depth);

    private sealed class RawConverter : WriteOnlyConverter<Raw>
    {
        public override void Write(Utf8JsonWriter writer, Raw value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Json, skipInputValidation: true);
    }

    private sealed class HalfConverter : WriteOnlyConverter<Half>
    {
        public override void Write(Utf8JsonWriter writer, Half value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            for (var i = 0; i < value.Size; i += 100) writer.WriteString("written", new string('h', 100));
            throw new InvalidTimeZoneException();
        }
    }

    private sealed class NestedConverter : WriteOnlyConverter<Nested>
    {
        public override void Write(Utf8JsonWriter writer, Nested value, JsonSerializerOptions options)
        {
            writer.WriteStringValue(Encoded.Value(new Quote("inner", 1)));
        }
    }

    private sealed class DeepConverter : WriteOnlyConverter<Deep>
    {
        public override void Write(Utf8JsonWriter writer, Deep value, JsonSerializerOptions options)
        {
            for (var depth = 0; depth < value.Depth; depth++) writer.WriteStartArray();
            for (var depth = 0; depth < value.Depth; depth++) writer.WriteEndArray();
        }
    }

    private abstract class WriteOnlyConverter<T> : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();
    }
}
