using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventStream.Benchmarks;

/// <summary>What does a message of a record as JSON of about 1 KB cost?</summary>
[MemoryDiagnoser, MedianColumn, MinColumn]
public class JsonFrames
{
    private static readonly JsonTypeInfo<Order> Contract = (JsonTypeInfo<Order>)JsonSerializerOptions.Web.GetTypeInfo(typeof(Order));

    private readonly Order _order = new(
        4711,
        "Ada Lovelace",
        new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
        [.. Enumerable.Range(1, 16).Select(number => new Line($"SKU-{number:D6}", number, number * 9.99m))]);

    /// <summary>A caller who takes care: the framework's formatter with a writer that is reused.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Frames.Count)]
    public Task SseFormatter()
    {
        var json = new Utf8JsonWriter(Stream.Null, new() { SkipValidation = true });
        return Frames.ByFramework(new SseItem<Order>(_order), (item, writer) =>
        {
            json.Reset(writer);
            JsonSerializer.Serialize(json, item.Data, Contract);
        });
    }

    /// <summary>What <c>TypedResults.ServerSentEvents</c> does with an object.</summary>
    [Benchmark(OperationsPerInvoke = Frames.Count)]
    public Task SseFormatterAsServerSentEventsResult() =>
        Frames.ByFramework(
            new SseItem<Order>(_order), static (item, writer) => writer.Write(JsonSerializer.SerializeToUtf8Bytes(item.Data, Contract)));

    [Benchmark(OperationsPerInvoke = Frames.Count)]
    public Task FrameEncoder() => Frames.ByUs(EventStreamMessage.Json(_order, Contract));

    /// <summary>The serialiser alone.</summary>
    [Benchmark(OperationsPerInvoke = Frames.Count)]
    public void JsonSerializerOnly()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var json = new Utf8JsonWriter(output, new() { SkipValidation = true });
        for (var i = 0; i < Frames.Count; i++)
        {
            output.ResetWrittenCount();
            json.Reset(output);
            JsonSerializer.Serialize(json, _order, Contract);
        }
    }

    public sealed record Order(int Id, string Customer, DateTimeOffset Placed, Line[] Lines);

    public sealed record Line(string Sku, int Quantity, decimal Price);
}
