using System.Net.ServerSentEvents;
using System.Text;
using BenchmarkDotNet.Configs;
using EventStream.Client;
using EventStream.Client.Parsing;

namespace EventStream.Benchmarks;

/// <summary>What it costs to read a stream of events, with the data as text and not even that, beside the framework's parser.</summary>
[MemoryDiagnoser, GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory), CategoriesColumn]
public class Parsing
{
    private const int Events = 200;

    private byte[] _stream = [];

    [Params(100, 16 * 1024)]
    public int Length { get; set; }

    /// <summary>One line of data, as JSON is sent; or lines of 80, as a log is.</summary>
    [Params(false, true)]
    public bool Lines { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var text = new StringBuilder();
        var data = Lines
            ? string.Join("\ndata: ", Enumerable.Repeat(new string('x', 80), Math.Max(1, Length / 80)))
            : new string('x', Length);
        for (var i = 0; i < Events; i++) text.Append($"id: {i:D6}\nevent: price\ndata: {data}\n\n");
        _stream = Encoding.UTF8.GetBytes(text.ToString());
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Events), BenchmarkCategory("text")]
    public int SseParserText()
    {
        var length = 0;
        foreach (var item in SseParser.Create(new MemoryStream(_stream)).Enumerate()) length += item.Data.Length;
        return length;
    }

    [Benchmark(OperationsPerInvoke = Events), BenchmarkCategory("text")]
    public int OursText()
    {
        var length = 0;
        using var parser = new EventParser(new("", default), 1024 * 1024);
        var stream = new MemoryStream(_stream);
        while (Fill(parser, stream))
        {
            while (parser.Read())
            {
                length += new EventStreamClientEvent
                {
                    Event = parser.Type,
                    Data = Encoding.UTF8.GetString(parser.Data),
                    LastEventId = parser.LastEventId,
                }.Data.Length;
            }
        }

        return length;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Events), BenchmarkCategory("bytes")]
    public int SseParserBytes()
    {
        var length = 0;
        foreach (var item in SseParser.Create(new MemoryStream(_stream), static (_, data) => data.Length).Enumerate()) length += item.Data;
        return length;
    }

    [Benchmark(OperationsPerInvoke = Events), BenchmarkCategory("bytes")]
    public int OursBytes()
    {
        var length = 0;
        using var parser = new EventParser(new("", default), 1024 * 1024);
        var stream = new MemoryStream(_stream);
        while (Fill(parser, stream))
        {
            while (parser.Read()) length += parser.Data.Length;
        }

        return length;
    }

    private static bool Fill(EventParser parser, MemoryStream stream)
    {
        var read = stream.Read(parser.GetMemory().Span);
        parser.Advance(read);
        return read > 0;
    }
}
