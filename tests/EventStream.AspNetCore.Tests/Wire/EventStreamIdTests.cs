namespace EventStream.AspNetCore.Tests.Wire;

public sealed class EventStreamIdTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("", "")]
    [InlineData("Az09-_.~", "Az09-_.~")]
    [InlineData("a b", "a%20b")]
    [InlineData("a\n\0", "a%0A%00")]
    [InlineData("é/ü", "%C3%A9%2F%C3%BC")]
    [InlineData("100%", "100%25")]
    [InlineData("42.end", "42%2Eend")]
    [InlineData(".end", "%2Eend")]
    public async Task Encode_AnyText_ValidIdAndBack(string text, string id)
    {
        EventStreamId.Encode(text).Should().Be(id);
        new EventStreamMessage { Id = EventStreamId.Encode(text) }.Id.Should().Be(id);
        EventStreamId.Decode(id).Should().Be(text);
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_EachCharacter_ValidIdAndBack()
    {
        for (var character = 0; character <= char.MaxValue; character++)
        {
            var text = $"a{(char)character}.end";
            var expected = char.IsSurrogate((char)character) ? "a\uFFFD.end" : text;

            var id = new EventStreamMessage { Id = EventStreamId.Encode(text) }.Id;

            if (EventStreamId.Decode(id) != expected) EventStreamId.Decode(id).Should().Be(expected, "U+{0:X4} must survive", character);
        }

        EventStreamId.Decode(EventStreamId.Encode("\uD83D\uDE00")).Should().Be("\uD83D\uDE00");
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_TooLong_Refused()
    {
        ((Action)(() => EventStreamId.Encode(new string('x', 129)))).Should().Throw<ArgumentException>().WithParameterName("text")
            .WithMessage("*has 129*128*");
        ((Action)(() => EventStreamId.Encode(new string(' ', 43)))).Should().Throw<ArgumentException>().WithMessage("*has 129*");
        ((Action)(() => EventStreamId.Encode(new string('x', 123) + ".end"))).Should().Throw<ArgumentException>().WithMessage("*has 129*");
        EventStreamId.Encode(new string('x', 128)).Should().HaveLength(128);
    }

    [Fact(Timeout = 30_000)]
    public async Task Encode_Null_Refused() => ((Action)(() => EventStreamId.Encode(null!))).Should().Throw<ArgumentNullException>();

    [Theory(Timeout = 30_000)]
    [InlineData(null, null)]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz", "%zz")]
    [InlineData("%FF", "%FF")]
    [InlineData("a b", "a b")]
    public async Task Decode_NotMadeByEncode_LeftAsItIs(string? id, string? text) => EventStreamId.Decode(id).Should().Be(text);
}
