namespace EventStream.AspNetCore.Tests.Wire;

public sealed class EventStreamKeepAliveTests
{
    [Fact(Timeout = 30_000)]
    public async Task Comment_Frame_NoBlankLine() => Encoded.Text(EventStreamKeepAlive.Comment.Frame.Span).Should().Be(":\n");

    [Fact(Timeout = 30_000)]
    public async Task CommentAndBlankLine_Frame_BlankLine() =>
        Encoded.Text(EventStreamKeepAlive.CommentAndBlankLine.Frame.Span).Should().Be(":\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Event_Name_EventWithEmptyData() =>
        Encoded.Text(EventStreamKeepAlive.Event("pïng").Frame.Span).Should().Be("event: pïng\ndata: \n\n");

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("message")]
    [InlineData("error")]
    [InlineData("open")]
    [InlineData("stream-gap")]
    [InlineData("stream-end")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    public async Task Event_NameThatAPageWouldMistake_Refused(string? name) =>
        ((Action)(() => EventStreamKeepAlive.Event(name!))).Should().Throw<ArgumentException>();
}
