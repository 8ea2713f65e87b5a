using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class AllocationTests
{
    private const int Encodes = 1_000;

    [Fact(Timeout = 30_000)]
    public async Task Write_TextAndBytes_AllocatesNothing()
    {
        foreach (var text in (string[])
        [
            "",
            "short",
            "two\nlines\r\nand more\r",
            "Grüße\uD83D\uDE00\uD800",
            new('x', 16_384),
            string.Concat(Enumerable.Repeat("ü\n", 300)),
        ])
        {
            Allocates(new EventStreamMessage { Data = text }).Should().Be(0);
            Allocates(new EventStreamMessage { Data = Encoding.UTF8.GetBytes(text) }).Should().Be(0);
            Allocates(new EventStreamMessage { Id = "42", Event = "prïce", Data = text, Retry = TimeSpan.FromSeconds(3), Comment = text })
                .Should().Be(0);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_Json_AllocatesWhatTheSerializerDoes()
    {
        // A number is written by a converter that allocates nothing, whatever the frame outgrows.
        Allocates(EventStreamMessage.Json(42)).Should().Be(0);
        Allocates(EventStreamMessage.Json(42) with { Comment = new('x', 10_000) }).Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_TextBytesAndNumbers_AllocatesNothing()
    {
        var output = new ArrayBufferWriter<byte>();
        var bytes = "bytes"u8.ToArray();
        var number = (JsonTypeInfo<int>)JsonSerializerOptions.Web.GetTypeInfo(typeof(int));

        Allocates(output, () => FrameEncoder.WriteValue<string>(output, null, null, 0, "text", null)).Should().Be(0);
        Allocates(output, () => FrameEncoder.WriteValue<byte[]>(output, null, null, 0, bytes, null)).Should().Be(0);
        Allocates(output, () => FrameEncoder.WriteValue<ReadOnlyMemory<byte>>(output, null, null, 0, bytes, null)).Should().Be(0);
        Allocates(output, () => FrameEncoder.WriteValue(output, null, null, 0, 42, number)).Should().Be(0);
    }

    private static long Allocates(EventStreamMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        return Allocates(output, () => FrameEncoder.Write(output, message, JsonSerializerOptions.Web));
    }

    // The least of a few runs: a collection that other tests cause takes the thread's rest of its allocation area away, which counts as
    // allocated.
    private static long Allocates(ArrayBufferWriter<byte> output, Func<int> write)
    {
        Repeat();
        var least = long.MaxValue;
        for (var run = 0; run < 10 && least > 0; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Repeat();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;

        void Repeat()
        {
            for (var i = 0; i < Encodes; i++)
            {
                output.ResetWrittenCount();
                write();
            }
        }
    }
}
