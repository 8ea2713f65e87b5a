using System.Net.ServerSentEvents;

namespace EventStream.Benchmarks;

/// <summary>What does a message of text cost?</summary>
[MemoryDiagnoser, MedianColumn, MinColumn]
public class TextFrames
{
    private string _text = "";

    [Params("100 B", "16 KB", "20 lines", "German", "Chinese")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void Make() => _text = Text switch
    {
        "100 B" => new('x', 100),
        "16 KB" => new('x', 16 * 1024),
        "20 lines" => string.Join('\n', Enumerable.Repeat(new string('x', 50), 20)),
        "German" => string.Concat(Enumerable.Repeat("Grüße aus Köln, es ist schön hier. ", 30)),
        _ => string.Concat(Enumerable.Repeat("服务器发送事件是一种技术", 80)),
    };

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames.Count)]
    public Task SseFormatter() => Frames.ByFramework(new SseItem<string>(_text));

    [Benchmark(OperationsPerInvoke = Frames.Count)]
    public Task FrameEncoder() => Frames.ByUs(new EventStreamMessage { Data = _text });
}
