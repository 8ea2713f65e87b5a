using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>Which lines a frame has, and in which order.</summary>
public sealed class FrameTests
{
    [Fact(Timeout = 30_000)]
    public async Task Write_AllFields_InOrder() =>
        Encoded.Frame(
            new() { Retry = TimeSpan.FromMilliseconds(123), Data = "This is\na message.", Event = "update", Id = "id-1", Comment = "hi" })
            .Should().Be(": hi\nid: id-1\nevent: update\ndata: This is\ndata: a message.\nretry: 123\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_DataOnly_OneLine() =>
        Encoded.Frame(new() { Data = "This is message 1." }).Should().Be("data: This is message 1.\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_HtmlIntroductionExample1_SameBytes() =>
        Encoded.Frame(new() { Data = "This is the second message, it\nhas two lines." })
            .Should().Be("data: This is the second message, it\ndata: has two lines.\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_HtmlIntroductionExample2_SameBytes() =>
        Encoded.Frame(new() { Event = "add", Data = "73857293" }).Should().Be("event: add\ndata: 73857293\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_HtmlInterpretationExample1_SameBytes() =>
        Encoded.Frame(new() { Data = "YHOO\n+2\n10" }).Should().Be("data: YHOO\ndata: +2\ndata: 10\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_HtmlInterpretationExample2_SpaceSurvives() =>
        Encoded.Frame(new() { Data = " third event" }).Should().Be("data:  third event\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_NoField_Nothing() => Encoded.Frame(default).Should().BeEmpty();

    [Fact(Timeout = 30_000)]
    public async Task Write_EmptyId_ResetsTheClient() =>
        Encoded.Frame(new() { Id = "", Data = "test 1" }).Should().Be("id: \ndata: test 1\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_IdOnly_BlankLine() => Encoded.Frame(new() { Id = "7" }).Should().Be("id: 7\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_LongestId_Whole()
    {
        var id = new string('~', EventStreamId.MaxLength);

        Encoded.Frame(new() { Id = id }).Should().Be($"id: {id}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_EventOnly_BlankLine() => Encoded.Frame(new() { Event = "tick" }).Should().Be("event: tick\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_EventHasAnyText_AsItIs() =>
        Encoded.Frame(new() { Event = " é\u2028: \uD83D\uDE00\uD800", Data = "" })
            .Should().Be("event:  é\u2028: \uD83D\uDE00\uFFFD\ndata: \n\n");

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("message")]
    public async Task Write_DefaultEvent_NoLine(string name)
    {
        Encoded.Frame(new() { Event = name, Data = "x" }).Should().Be("data: x\n\n");
        Encoded.Frame(new() { Event = name, Retry = TimeSpan.FromSeconds(1) }).Should().Be("retry: 1000\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("message")]
    public async Task Write_DefaultEventOnly_Nothing(string name)
    {
        var message = new EventStreamMessage { Event = name };

        message.IsEmpty.Should().BeTrue();
        Encoded.Frame(message).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Write_EventInAnotherCase_IsNotTheDefault() =>
        Encoded.Frame(new() { Event = "Message", Data = "x" }).Should().Be("event: Message\ndata: x\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_RetryOnly_NoBlankLine() =>
        Encoded.Frame(new() { Retry = TimeSpan.FromMilliseconds(1) }).Should().Be("retry: 1\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_LongestRetry_WholeNumber() =>
        Encoded.Frame(new() { Retry = TimeSpan.FromMilliseconds(int.MaxValue), Data = "" }).Should().Be("data: \nretry: 2147483647\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_CommentOnly_NoBlankLine() => Encoded.Frame(new() { Comment = "hi" }).Should().Be(": hi\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_CommentAndRetry_NoBlankLine() =>
        Encoded.Frame(new() { Comment = "hi", Retry = TimeSpan.FromSeconds(2) }).Should().Be(": hi\nretry: 2000\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_CommentAndId_BlankLine() => Encoded.Frame(new() { Comment = "hi", Id = "7" }).Should().Be(": hi\nid: 7\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_EmptyComment_Colon() => Encoded.Frame(new() { Comment = "" }).Should().Be(":\n");

    [Fact(Timeout = 30_000)]
    public async Task Write_CommentOfLines_ALineEach() =>
        Encoded.Frame(new() { Comment = "a\rb\nc\r\n\nd: e\u2028\u0085\v\ff\n" })
            .Should().Be(": a\n: b\n: c\n:\n: d: e\u2028\u0085\v\ff\n:\n");

    [Fact(Timeout = 30_000)]
    public async Task WritePosition_Id_DispatchesNothing() =>
        Encoded.By(output => FrameEncoder.WritePosition(output, "7")).Should().Be("id: 7\n\n");

    [Fact(Timeout = 30_000)]
    public async Task WritePosition_EmptyId_Reset() => Encoded.By(output => FrameEncoder.WritePosition(output, "")).Should().Be("id: \n\n");

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("7\n")]
    [InlineData("7\0")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("7.end")]
    public async Task WritePosition_NoIdToGoBackTo_Nothing(string? id) =>
        Encoded.By(output => FrameEncoder.WritePosition(output, id)).Should().BeEmpty();

    [Fact(Timeout = 30_000)]
    public async Task WriteWithId_Message_CarriesTheMark() => Encoded.By(output =>
        FrameEncoder.WriteWithId(
            output,
            EndMark.After("7"),
            new() { Comment = "bye", Event = "end", Data = "done" },
            System.Text.Json.JsonSerializerOptions.Web)).Should().Be(": bye\nid: 7.end\nevent: end\ndata: done\n\n");
}
