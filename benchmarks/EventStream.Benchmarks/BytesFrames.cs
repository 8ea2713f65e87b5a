using System.Buffers;
using System.Net.ServerSentEvents;

namespace EventStream.Benchmarks;

/// <summary>What does a message of UTF-8 bytes cost?</summary>
[MemoryDiagnoser, MedianColumn, MinColumn]
public class BytesFrames
{
    private byte[] _bytes = [];

    [Params("100 B", "16 KB", "20 lines")]
    public string Bytes { get; set; } = "";

    [GlobalSetup]
    public void Make() => _bytes = Bytes switch
    {
        "100 B" => [.. Enumerable.Repeat((byte)'x', 100)],
        "16 KB" => [.. Enumerable.Repeat((byte)'x', 16 * 1024)],
        _ => [.. Enumerable.Repeat("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"u8.ToArray(), 20).SelectMany(line => line)],
    };

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames.Count)]
    public Task SseFormatter() => Frames.ByFramework(new SseItem<byte[]>(_bytes), static (item, writer) => writer.Write(item.Data));

    [Benchmark(OperationsPerInvoke = Frames.Count)]
    public Task FrameEncoder() => Frames.ByUs(new EventStreamMessage { Data = _bytes });

    /// <summary>The bytes are checked when the message is made, which the framework never does.</summary>
    [Benchmark(OperationsPerInvoke = Frames.Count)]
    public Task NewMessageAndFrameEncoder() => Frames.ByUs(_bytes);
}
