using System.Buffers;
using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Wire;
using FsCheck.Xunit;

namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>A parser written from the standard, and the framework's own, read random messages as they were written.</summary>
public sealed partial class RoundTripTests
{
    private const int Streams = 1_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true, NewLine = "\r\n" };

    [Property(Timeout = 30_000, MaxTest = Streams, Arbitrary = [typeof(Hostile.AnyMessages)])]
    public void Write_AnyMessages_ReferenceParserReadsTheSameEvents(EventStreamMessage[] messages)
    {
        var parsed = ReferenceParser.Parse(Encode(messages).WrittenSpan);

        AssertSame(ExpectedEvents(messages), parsed.Events);
        AssertSame(
            messages
                .Where(message => message.Comment is not null)
                .SelectMany(message => LinesOf(message.Comment!))
                .Select(line => line.Length == 0 ? "" : " " + line),
            parsed.Comments);
        parsed.LastEventId.Should().Be(messages.LastOrDefault(message => message.Id is not null).Id ?? "");
        parsed.Retry.Should().Be(messages.LastOrDefault(message => message.Retry is not null).Retry);
    }

    // Each message has data, because after an event without data this parser gives its type and id to the next event.
    [Property(Timeout = 30_000, MaxTest = Streams, Arbitrary = [typeof(Hostile.MessagesWithData)])]
    public void Write_AnyMessagesWithData_SseParserReadsTheSameItems(EventStreamMessage[] messages)
    {
        using var stream = new MemoryStream(Encode(messages).WrittenMemory.ToArray());

        var items = SseParser.Create(stream).Enumerate()
            .Select(item => (item.EventType, item.Data, item.EventId, item.ReconnectionInterval));

        AssertSame(messages.Select(message => (TypeOf(message), DataOf(message), message.Id, message.Retry)), items);
    }

    [Property(Timeout = 30_000, MaxTest = Streams / 4, Arbitrary = [typeof(Hostile.AnyMessages)])]
    public void Write_AnyMemory_SameBytes(EventStreamMessage[] messages, int seed)
    {
        var random = new Random(seed);
        var expected = Encode(messages);
        var tight = new TightWriter(() => random.Next(3) == 0 ? random.Next(5_000) : random.Next(3));
        var pipe = new Pipe(new(pauseWriterThreshold: 0));

        foreach (var message in messages)
        {
            FrameEncoder.Write(tight, message, Json);
            FrameEncoder.Write(pipe.Writer, message, Json);
        }

        tight.WrittenSpan.SequenceEqual(expected.WrittenSpan).Should().BeTrue();
        tight.LargestHint.Should().BeLessThan(4096);
        pipe.Writer.Complete();
        BytesOf(pipe.Reader).AsSpan().SequenceEqual(expected.WrittenSpan).Should().BeTrue();
    }

    private static ArrayBufferWriter<byte> Encode(EventStreamMessage[] messages)
    {
        var encoded = new ArrayBufferWriter<byte>();
        foreach (var message in messages)
        {
            var before = encoded.WrittenCount;
            FrameEncoder.Write(encoded, message, Json).Should().Be(encoded.WrittenCount - before);
        }

        return encoded;
    }

    private static IEnumerable<TestEvent> ExpectedEvents(EventStreamMessage[] messages)
    {
        var lastEventId = "";
        foreach (var message in messages)
        {
            lastEventId = message.Id ?? lastEventId;
            if (message.Data.HasValue) yield return new(TypeOf(message), DataOf(message), lastEventId);
        }
    }

    private static string TypeOf(EventStreamMessage message) => string.IsNullOrEmpty(message.Event) ? "message" : WellFormed(message.Event);

    private static string DataOf(EventStreamMessage message)
    {
        if (message.Data.Json is not { } payload) return string.Join('\n', LinesOf(message.Data.ToString()));
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new() { Indented = true, NewLine = "\n" })) payload.Write(writer, Json);
        return Encoding.UTF8.GetString(json.ToArray());
    }

    private static string[] LinesOf(string text) => LineBreak().Split(WellFormed(text));

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static byte[] BytesOf(PipeReader reader)
    {
        if (!reader.TryRead(out var read)) return [];
        return read.Buffer.ToArray();
    }

    // Compared by hand, because FluentAssertions would format megabytes.
    private static void AssertSame<T>(IEnumerable<T> expected, IEnumerable<T> actual)
    {
        var (left, right) = (expected.ToList(), actual.ToList());
        right.Count.Should().Be(left.Count);
        for (var index = 0; index < left.Count; index++)
        {
            if (!EqualityComparer<T>.Default.Equals(left[index], right[index]))
            {
                throw new InvalidOperationException($"At {index}: expected {left[index]}, and read {right[index]}.");
            }
        }
    }

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex LineBreak();
}
