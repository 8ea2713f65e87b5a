using System.Text;
using System.Text.Json;
using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class FrameBytesTests
{
    private const string Epoch = "abc123def";

    [Theory(Timeout = 30_000)]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task OfLog_NodeWithAnotherClock_AgeIsByTheClockOfTheLog(int secondsAhead)
    {
        var time = new FakeTime();
        time.Advance(TimeSpan.FromMinutes(5));
        var readAt = time.GetUtcNow().AddSeconds(secondsAhead);
        EventStreamStoredRecord message = new(1, "data: a\n\n"u8.ToArray(), null, null, readAt.AddSeconds(-60));

        var entry = FrameBytes.OfLog(new() { Origin = Epoch, Epoch = Epoch, ReadAt = readAt, Records = [message] }, Epoch, time).Single();

        time.GetElapsedTime(entry.PublishedAt).Should().Be(TimeSpan.FromSeconds(60));
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_Text_IdThenData() => FrameOf(new() { Data = "hello" }).Should().Be("id: abc123def-42\ndata: hello\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_SeveralLines_ALineEach() =>
        FrameOf(new() { Event = "note", Data = "one\ntwo\r\n" })
            .Should().Be("id: abc123def-42\nevent: note\ndata: one\ndata: two\ndata: \n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_Json_TheAppsOptions() =>
        FrameOf(EventStreamMessage.Json(new { Symbol = "MSFT" })).Should().Be("id: abc123def-42\ndata: {\"symbol\":\"MSFT\"}\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_AllFields_TheIdIsBeforeThem() =>
        FrameOf(new() { Comment = "c", Event = "e", Data = "d", Retry = TimeSpan.FromSeconds(1) })
            .Should().Be("id: abc123def-42\n: c\nevent: e\ndata: d\nretry: 1000\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_CommentOnly_AFrameThatMovesTheClient() =>
        FrameOf(new() { Comment = "one\ntwo" }).Should().Be("id: abc123def-42\n: one\n: two\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_RetryOnly_AFrameThatMovesTheClient() =>
        FrameOf(new() { Retry = TimeSpan.FromSeconds(2) }).Should().Be("id: abc123def-42\nretry: 2000\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_EventOnly_OneBlankLine() => FrameOf(new() { Event = "ping" }).Should().Be("id: abc123def-42\nevent: ping\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_DefaultEventByName_IsNotWritten() =>
        FrameOf(new() { Event = "message", Comment = "c" }).Should().Be("id: abc123def-42\n: c\n\n");

    [Fact(Timeout = 30_000)]
    public async Task Encode_LargestSequence_FillsTheRoomForTheIdJust()
    {
        var entry = Numbered(new() { Data = "d" }, Positions.MaxSequence);

        Encoding.UTF8.GetString(entry.Frame).Should().Be("id: abc123def-99999999999999\ndata: d\n\n");
        entry.IdStart.Should().Be(0);
        Encoding.UTF8.GetString(entry.FrameWithoutId).Should().Be("data: d\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_Values_TextBytesAndJson()
    {
        ValueOf("two\nlines").Should().Be("data: two\ndata: lines\n\n");
        ValueOf("").Should().Be("data: \n\n");
        ValueOf("é"u8.ToArray()).Should().Be("data: é\n\n");
        ValueOf(42).Should().Be("data: 42\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_NullText_IsRefused() =>
        ((Func<string>)(() => ValueOf<string?>(null))).Should().Throw<ArgumentException>().WithMessage("The value is null text*");

    private static string FrameOf(EventStreamMessage message) => Encoding.UTF8.GetString(Numbered(message, 42).Frame);

    private static RingEntry Numbered(EventStreamMessage message, long sequence)
    {
        var entry = FrameBytes.Encode(message, JsonSerializerOptions.Web);
        entry.IdStart = FrameBytes.WriteId(entry.Bytes, entry.BodyStart, Epoch, sequence);
        return entry;
    }

    private static string ValueOf<T>(T value)
    {
        var entry = PublishedValue<T>.IsMessage(value, eventName: null, out var message)
            ? FrameBytes.Encode(message, JsonSerializerOptions.Web)
            : FrameBytes.EncodeJson(value, eventName: null, EventStream.AspNetCore.Wire.JsonContract<T>.From(JsonSerializerOptions.Web));
        return Encoding.UTF8.GetString(entry.FrameWithoutId);
    }
}
