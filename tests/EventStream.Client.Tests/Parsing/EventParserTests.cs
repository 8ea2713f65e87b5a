using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using EventStream.Client.Parsing;

namespace EventStream.Client.Tests.Parsing;

/// <summary>What the conformance table does not show: when the parser returns an event, and what it keeps of an incomplete one.</summary>
public sealed class EventParserTests
{
    private const int Most = 1024;

    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n\n")]
    [InlineData("data: a\r\r")]
    [InlineData("data: a\r\n\r")]
    public async Task Read_BlankLineIsThere_EventIsThereWithoutAnotherByte(string stream)
    {
        using var parser = Fed(stream);

        parser.Read().Should().BeTrue();
        Encoding.UTF8.GetString(parser.Data).Should().Be("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_LineFeedAfterTheCarriageReturnOfAnEarlierRead_IsNoLine()
    {
        using var parser = Fed("data: a\r");
        parser.Read().Should().BeFalse();

        Feed(parser, "\n");
        parser.Read().Should().BeFalse("CRLF is one end of a line, wherever it is split");
        Feed(parser, "\n");

        parser.Read().Should().BeTrue();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(":")]
    [InlineData("unknown: ")]
    [InlineData("dataset: ")]
    [InlineData("data")]
    public async Task Read_ALineThatIsNoField_IsNotKept(string beginning)
    {
        using var parser = Fed(beginning);
        var piece = Encoding.UTF8.GetBytes(new string('x', 4000));
        for (var i = 0; i < 1000; i++)
        {
            parser.Read().Should().BeFalse();
            Feed(parser, piece);
            parser.GetMemory().Length.Should().BeLessThan(256 * 1024);
        }

        Feed(parser, "\ndata: a\n\n");

        parser.Read().Should().BeTrue();
        Encoding.UTF8.GetString(parser.Data).Should().Be("a");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_CommentsWithinAnEvent_AreNotKept()
    {
        using var parser = Fed("data: x\n");
        var comment = Encoding.UTF8.GetBytes($":{new string('x', 4000)}\n");
        for (var i = 0; i < 1000; i++)
        {
            Feed(parser, comment);
            parser.Read().Should().BeFalse();
            parser.GetMemory().Length.Should().BeLessThan(256 * 1024);
        }

        Feed(parser, "data: y\n\n");

        parser.Read().Should().BeTrue();
        Encoding.UTF8.GetString(parser.Data).Should().Be("x\ny");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_DataAsLargeAsItMayBe_IsAnEvent()
    {
        using var parser = Fed($"data: {new string('x', 500)}\ndata: {new string('y', 523)}\n\n");

        parser.Read().Should().BeTrue();
        parser.Data.Length.Should().Be(Most);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_LinesThatAreTooMuchTogether_Fail()
    {
        using var parser = Fed($"data: {new string('x', 500)}\ndata: {new string('y', 524)}\n\n");

        parser.Invoking(each => each.Read()).Should().Throw<EventStreamClientException>().WithMessage("*more than 1024 bytes*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("data:")]
    [InlineData("id:")]
    [InlineData("event:")]
    public async Task GetMemory_ALineWithoutAnEnd_FailsBeforeItFillsTheMemory(string field)
    {
        using var parser = Fed(field);

        var feeding = () =>
        {
            for (var i = 0; i < 100; i++)
            {
                parser.Read();
                Feed(parser, new string('x', 1000));
            }
        };

        feeding.Should().Throw<EventStreamClientException>().WithMessage("*longer than*MaxEventBytes*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_OneEventAfterAnother_AllocatesNothing()
    {
        var stream = Encoding.UTF8.GetBytes($"event: price\ndata: {new string('x', 100)}\n\n: comment\ndata: a\ndata: b\nretry: 10\n\n");
        using var parser = new EventParser(new("", default), Most);
        Read(parser, stream);

        // The least of several runs: when another test causes a collection, the rest of this thread's allocation area counts as allocated.
        var least = long.MaxValue;
        for (var run = 0; run < 10 && least > 0; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var events = 0;
            for (var i = 0; i < 1000; i++) events += Read(parser, stream);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            events.Should().Be(2000);
        }

        least.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_ALargeEventAndThenSmallOnes_GivesItsMemoryBack()
    {
        using var parser = new EventParser(new("", default), 16 * 1024 * 1024);
        Read(parser, Encoding.UTF8.GetBytes($"data: {new string('x', 8 * 1024 * 1024)}\n\n")).Should().Be(1);

        parser.GetMemory().Length.Should().BeLessThanOrEqualTo(128 * 1024);
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_ALargeEventAndTheBeginningOfTheNext_GivesItsMemoryBack()
    {
        using var parser = new EventParser(new("", default), 16 * 1024 * 1024);
        Read(parser, Encoding.UTF8.GetBytes($"data: {new string('x', 8 * 1024 * 1024)}\n\ndata: y")).Should().Be(1);

        parser.GetMemory().Length.Should().BeLessThanOrEqualTo(128 * 1024);
        Read(parser, Encoding.UTF8.GetBytes("es\n\n")).Should().Be(1);
    }

    /// <summary>The pool would keep it for minutes.</summary>
    [Theory(Timeout = 30_000)]
    [InlineData("data: ")]
    [InlineData("data: x\ndata: ")]
    public async Task Dispose_AfterALargeEvent_LeavesNoLargeArrayInThePool(string beginning)
    {
        var large = 4 * 1024 * 1024;
        // What other tests have left there.
        var rented = Enumerable.Range(0, 100).Select(_ => ArrayPool<byte>.Shared.Rent(large)).ToHashSet();
        var parser = new EventParser(new("", default), 16 * 1024 * 1024);
        Read(parser, Encoding.UTF8.GetBytes($"{beginning}{new string('x', large - 1000)}"));
        MemoryMarshal.TryGetArray<byte>(parser.GetMemory(), out var buffer).Should().BeTrue();
        buffer.Array!.Length.Should().BeGreaterThanOrEqualTo(large);
        Read(parser, Encoding.UTF8.GetBytes("\ndata: y\n\n")).Should().Be(1);

        parser.Dispose();

        ArrayPool<byte>.Shared.Rent(buffer.Array.Length).Should().NotBeSameAs(buffer.Array);
        rented.Should().NotContain(ArrayPool<byte>.Shared.Rent(large));
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_AnIdAsLongAsItMayBe_IsThePosition()
    {
        var id = new string('x', 8000);
        using var parser = new EventParser(new("", default), 16 * 1024);

        Read(parser, Encoding.UTF8.GetBytes($"id: {id}\ndata: a\n\n")).Should().Be(1);

        parser.LastEventId.Should().Be(id);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("x", 8001)]
    [InlineData("€", 2667)]
    public async Task Read_AnIdThatNoHeaderCarries_Fails(string character, int count)
    {
        using var parser = new EventParser(new("", default), 16 * 1024);
        var stream = Encoding.UTF8.GetBytes($"id: {string.Concat(Enumerable.Repeat(character, count))}\ndata: a\n\n");

        parser.Invoking(each => Read(each, stream)).Should().Throw<EventStreamClientException>()
            .WithMessage("An id of the stream has 8001 bytes*8000*");
        parser.LastEventId.Should().BeEmpty();
    }

    /// <summary>A short type is kept for the next event; a long one would be held as long as the connection.</summary>
    [Theory]
    [InlineData(EventParser.LongestKnownType, true)]
    [InlineData(EventParser.LongestKnownType + 1, false)]
    public void Read_ATypeThatComesAgain_IsKeptIfItIsShort(int length, bool isKept)
    {
        var text = $"event: {new string('x', length)}\ndata: a\n\n";
        using var parser = Fed(text + text);

        parser.Read().Should().BeTrue();
        var first = parser.Type;
        parser.Read().Should().BeTrue();

        parser.Type.Should().Be(first);
        ReferenceEquals(parser.Type, first).Should().Be(isKept);
    }

    private static int Read(EventParser parser, byte[] stream)
    {
        var events = 0;
        Feed(parser, stream);
        while (parser.Read()) events++;
        return events;
    }

    private static EventParser Fed(string stream)
    {
        var parser = new EventParser(new("", default), Most);
        Feed(parser, stream);
        return parser;
    }

    private static void Feed(EventParser parser, string text) => Feed(parser, Encoding.UTF8.GetBytes(text));

    private static void Feed(EventParser parser, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var memory = parser.GetMemory().Span;
            var length = Math.Min(memory.Length, bytes.Length);
            bytes[..length].CopyTo(memory);
            parser.Advance(length);
            bytes = bytes[length..];
        }
    }
}
