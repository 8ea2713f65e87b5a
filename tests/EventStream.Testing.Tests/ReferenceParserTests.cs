using System.Text;

namespace EventStream.Testing.Tests;

/// <summary>
/// The oracle against the examples of HTML, section 9.2, and the format tests of web-platform-tests/eventsource, by their names there.
/// </summary>
public sealed class ReferenceParserTests
{
    [Fact(Timeout = 30_000)]
    public async Task Parse_HtmlIntroductionExample1_ThreeMessages() =>
        DataOf(
            "data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\ndata: This is the third "
            + "message.\n\n")
            .Should().Equal("This is the first message.", "This is the second message, it\nhas two lines.", "This is the third message.");

    [Fact(Timeout = 30_000)]
    public async Task Parse_HtmlIntroductionExample2_EventTypes() =>
        ReferenceParser.Parse("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n").Events
            .Should().Equal(new TestEvent("add", "73857293", ""), new TestEvent("remove", "2153", ""), new TestEvent("add", "113411", ""));

    [Fact(Timeout = 30_000)]
    public async Task Parse_HtmlInterpretationExample1_StockTicker() =>
        DataOf("data: YHOO\ndata: +2\ndata: 10\n\n").Should().Equal("YHOO\n+2\n10");

    [Fact(Timeout = 30_000)]
    public async Task Parse_HtmlInterpretationExample2_FourBlocks()
    {
        var parsed = ReferenceParser.Parse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n");

        parsed.Events.Should().Equal(
            new TestEvent("message", "first event", "1"),
            new TestEvent("message", "second event", ""),
            new TestEvent("message", " third event", ""));
        parsed.Comments.Should().Equal(" test stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_HtmlInterpretationExample3_EmptyDataIsDispatchedAndTheUnfinishedBlockIsNot() =>
        DataOf("data\n\ndata\ndata\n\ndata:").Should().Equal("", "\n");

    [Fact(Timeout = 30_000)]
    public async Task Parse_HtmlInterpretationExample4_OneSpaceAfterTheColonIsIgnored() =>
        DataOf("data:test\n\ndata: test\n\n").Should().Equal("test", "test");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatBom_OnlyTheFirstIsTakenAway() =>
        DataOf("\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n").Should().Equal("1", "3");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatBom2_TheSecondSpoilsItsField() =>
        DataOf("\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n").Should().Equal("2", "3");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatComments_Ignored()
    {
        var x = new string('x', 2048);

        DataOf($"data:1\r:\0\n:\r\ndata:2\n:{x}\rdata:3\n:data:fail\r:{x}\ndata:4\n\n").Should().Equal("1\n2\n3\n4");
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatDataBeforeFinalEmptyLine_Discarded()
    {
        var parsed = ReferenceParser.Parse("retry:1000\ndata:test1\n\nid:test\ndata:test2");

        parsed.Events.Should().Equal(new TestEvent("message", "test1", ""));
        parsed.LastEventId.Should().BeEmpty();
        parsed.Retry.Should().Be(TimeSpan.FromMilliseconds(1000));
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldData_EmptyDataIsData() =>
        DataOf("data:\n\ndata\ndata\n\ndata:test\n\n").Should().Equal("", "\n", "test");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldEvent_HoldsForItsEventOnly() =>
        ReferenceParser.Parse("event:test\ndata:x\n\ndata:x\n\n")
            .Events.Should().Equal(new TestEvent("test", "x", ""), new TestEvent("message", "x", ""));

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldEventEmpty_IsMessage() =>
        ReferenceParser.Parse("event: \ndata:data\n\n").Events.Should().Equal(new TestEvent("message", "data", ""));

    [Fact(Timeout = 30_000)]
    public async Task Parse_EventWithoutData_IsNotDispatchedAndLeavesNothingBehind() =>
        ReferenceParser.Parse("event:test\n\ndata:x\n\n").Events.Should().Equal(new TestEvent("message", "x", ""));

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldId_Kept()
    {
        var parsed = ReferenceParser.Parse("id:…\ndata:hello\n\n");

        parsed.Events.Should().Equal(new TestEvent("message", "hello", "…"));
        parsed.LastEventId.Should().Be("…");
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldId3_PersistsChangesAndResets()
    {
        IdsOf("id: 1\ndata: 1\n\ndata:2\n\n").Should().Equal("1", "1");
        IdsOf("id: 1\ndata: 1\n\nid: 2\ndata:2\n\ndata:3\n\n").Should().Equal("1", "2", "2");
        IdsOf("id: 1\ndata: 1\n\nid:\ndata:2\n\ndata:3\n\n").Should().Equal("1", "", "");
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldIdNull_Ignored() =>
        IdsOf("id:1\ndata:x\n\nid:\0\0\ndata:y\n\nid:a\0b\ndata:z\n\n").Should().Equal("1", "1", "1");

    [Fact(Timeout = 30_000)]
    public async Task Parse_IdWithoutData_IsTakenAndNotDispatched()
    {
        var parsed = ReferenceParser.Parse("id:7\n\n");

        parsed.Events.Should().BeEmpty();
        parsed.LastEventId.Should().Be("7");
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldParsing_OnlyDataCounts() =>
        DataOf("data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n")
            .Should().Equal("\0\n 2\n1\n3\n\n4");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldRetry_DigitsOnly()
    {
        ReferenceParser.Parse("retry:3000\ndata:x\n\n").Retry.Should().Be(TimeSpan.FromMilliseconds(3000));
        ReferenceParser.Parse("retry:3000\nretry:1000x\ndata:x\n\n").Retry.Should().Be(TimeSpan.FromMilliseconds(3000));
        ReferenceParser.Parse("retry:-1\nretry:1e3\nretry:1.5\nretry: \u0663\nretry\n\n").Retry.Should().BeNull();
        ReferenceParser.Parse("retry: 7\n").Retry.Should().Be(TimeSpan.FromMilliseconds(7));
    }

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatFieldUnknown_Ignored() =>
        DataOf("data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n").Should().Equal("test\n\ntest");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatLeadingSpace_OneSpaceAndNoTab() =>
        DataOf("data:\ttest\rdata: \ndata:test\n\n").Should().Equal("\ttest\n\ntest");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatNewlines_AllThree() => DataOf("data:test\r\ndata\ndata:test\r\n\r").Should().Equal("test\n\ntest");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatNullCharacter_IsData() => DataOf("data:\0\n\n\n\n").Should().Equal("\0");

    [Fact(Timeout = 30_000)]
    public async Task Parse_FormatUtf8_Decoded() => DataOf("data:ok…\n\n").Should().Equal("ok…");

    [Fact(Timeout = 30_000)]
    public async Task Parse_InvalidUtf8_Replaced() =>
        ReferenceParser.Parse([.. Encoding.UTF8.GetBytes("data:"), 0xFF, .. Encoding.UTF8.GetBytes("\n\n")])
            .Events.Should().Equal(new TestEvent("message", "\uFFFD", ""));

    [Fact(Timeout = 30_000)]
    public async Task Parse_OtherLineSeparators_AreData() =>
        DataOf("data:a\u2028b\u2029c\u0085d\ve\ff\n\n").Should().Equal("a\u2028b\u2029c\u0085d\ve\ff");

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Read_InChunks_SameAsInOne(int size)
    {
        var stream = Encoding.UTF8.GetBytes(
            "\uFEFF: hi\r\n\r\nid: 1\r\ndata: grüße-€-😀\r\rretry: 5\n\nevent: e\rdata:x\r\n\r\nid: 2\n\n");
        var whole = ReferenceParser.Parse(stream);
        var parser = new ReferenceParser();

        foreach (var chunk in stream.Chunk(size)) parser.Read(chunk);

        parser.Events.Should().Equal(new TestEvent("message", "grüße-€-😀", "1"), new TestEvent("e", "x", "1"))
            .And.Equal(whole.Events);
        parser.Events.Select(message => (message.Id, message.Raw))
            .Should().Equal(("1", "id: 1\r\ndata: grüße-€-😀\r\r"), (null, "event: e\rdata:x\r\n\r"));
        parser.Comments.Should().Equal(" hi");
        (parser.Retry, parser.LastEventId).Should().Be((TimeSpan.FromMilliseconds(5), "2"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_AfterAReconnect_PositionHoldsUntilTheServerSendsAnother()
    {
        var parser = new ReferenceParser("41");

        parser.Read("data: a\n\nid: 42\ndata: unfinished"u8);

        parser.Events.Should().Equal(new TestEvent("message", "a", "41"));
        parser.LastEventId.Should().Be("41", "the end of the stream discards the id of an unfinished event");
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_RetryLongerThanATimeSpan_TheLongest() =>
        ReferenceParser.Parse("retry:18446744073709551615\n").Retry.Should().Be(TimeSpan.MaxValue);

    [Fact(Timeout = 30_000)]
    public async Task Read_RetryAsBrowsersHaveIt_NoDigitTakesItBackAndMoreThan64BitsAreIgnored()
    {
        ReferenceParser.Parse("retry:7\nretry\n").Retry.Should().BeNull();
        ReferenceParser.Parse("retry:7\nretry:18446744073709551616\n").Retry.Should().Be(TimeSpan.FromMilliseconds(7));
    }

    private static IEnumerable<string> DataOf(string stream) => ReferenceParser.Parse(stream).Events.Select(parsed => parsed.Data);

    private static IEnumerable<string> IdsOf(string stream) => ReferenceParser.Parse(stream).Events.Select(parsed => parsed.LastEventId);
}
