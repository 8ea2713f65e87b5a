using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class EventLineTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n\n", 0, 0)]
    [InlineData("event: price\ndata: a\n\n", 0, 13)]
    [InlineData(": hi\n:\nevent: price\ndata: a\n\n", 7, 20)]
    [InlineData(": hi\ndata: event: no\n\n", 5, 5)]
    [InlineData("data: a\nevent: of a value\n\n", 0, 0)]
    [InlineData("event: only\n\n", 0, 12)]
    [InlineData("\n", 0, 0)]
    [InlineData("", 0, 0)]
    [InlineData(": half a frame", 14, 14)]
    [InlineData("event: half a li", 0, 16)]
    public void Find_Frame_IsTheLineAfterTheComments(string frame, int start, int end) =>
        EventLine.Find(System.Text.Encoding.UTF8.GetBytes(frame)).Should().Be(start..end);

    [Theory(Timeout = 30_000)]
    [InlineData("price", "event: price\n")]
    [InlineData("né", "event: né\n")]
    [InlineData("message", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Write_Name_IsALineButForTheDefaultEvent(string? name, string line) =>
        Encoded.By(output => EventLine.Write(output, name)).Should().Be(line);
}
