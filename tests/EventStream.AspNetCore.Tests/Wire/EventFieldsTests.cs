namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>What is refused when a message is made, with the field and the reason.</summary>
public sealed class EventFieldsTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("a\nb", "U+000A at index 1")]
    [InlineData("a\rb", "U+000D at index 1")]
    [InlineData("\0", "U+0000 at index 0")]
    [InlineData("a b", "U+0020 at index 1")]
    [InlineData("\t", "U+0009")]
    [InlineData("a\u007F", "U+007F")]
    [InlineData("é", "U+00E9")]
    [InlineData("\u2028", "U+2028")]
    public async Task Id_AnotherCharacterThanVisibleAscii_Refused(string id, string reason)
    {
        var make = () => new EventStreamMessage { Id = id };

        make.Should().Throw<ArgumentException>().WithParameterName("Id").WithMessage($"*{reason}*EventStreamId.Encode*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Id_TooLong_Refused()
    {
        var make = () => new EventStreamMessage { Id = new string('x', 129) };

        make.Should().Throw<ArgumentException>().WithParameterName("Id").WithMessage("*at most 128*has 129*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(".end")]
    [InlineData("42.end")]
    public async Task Id_EndMark_Refused(string id)
    {
        var make = () => new EventStreamMessage { Id = id };

        make.Should().Throw<ArgumentException>().WithParameterName("Id").WithMessage("*must not end in '.end'*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("!~")]
    [InlineData(":")]
    [InlineData("42.END")]
    [InlineData(".end.")]
    public async Task Id_Valid_Kept(string? id) => new EventStreamMessage { Id = id }.Id.Should().Be(id);

    [Theory(Timeout = 30_000)]
    [InlineData("a\nb", "U+000A at index 1")]
    [InlineData("\r", "U+000D at index 0")]
    [InlineData("ab\0", "U+0000 at index 2")]
    public async Task Event_BreaksItsLine_Refused(string name, string reason)
    {
        var make = () => new EventStreamMessage { Event = name };

        make.Should().Throw<ArgumentException>().WithParameterName("Event").WithMessage($"*{reason}*");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("message")]
    [InlineData("Error")]
    [InlineData("error")]
    [InlineData("stream-end")]
    [InlineData("a: b\u2028\t")]
    public async Task Event_Valid_Kept(string? name) => new EventStreamMessage { Event = name }.Event.Should().Be(name);

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.9)]
    [InlineData(2147483648.0)]
    public async Task Retry_OutsideItsRange_Refused(double milliseconds)
    {
        var make = () => new EventStreamMessage { Retry = TimeSpan.FromMilliseconds(milliseconds) };

        make.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Retry").WithMessage("*1 ms to 2147483647 ms*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Retry_Extremes_Refused()
    {
        ((Action)(() => _ = new EventStreamMessage { Retry = TimeSpan.MaxValue })).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new EventStreamMessage { Retry = TimeSpan.MinValue })).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new EventStreamMessage { Retry = Timeout.InfiniteTimeSpan })).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1, 1)]
    [InlineData(1.9, 1)]
    [InlineData(3000, 3000)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public async Task Retry_InItsRange_WholeMilliseconds(double milliseconds, int whole) =>
        new EventStreamMessage { Retry = TimeSpan.FromMilliseconds(milliseconds) }.Retry.Should().Be(TimeSpan.FromMilliseconds(whole));

    [Fact(Timeout = 30_000)]
    public async Task Retry_Null_IsNone() => new EventStreamMessage { Retry = null }.Retry.Should().BeNull();

    [Fact(Timeout = 30_000)]
    public async Task IsEmpty_AnyFieldSet_False()
    {
        default(EventStreamMessage).IsEmpty.Should().BeTrue();
        new EventStreamMessage { Id = "" }.IsEmpty.Should().BeFalse();
        new EventStreamMessage { Event = "e" }.IsEmpty.Should().BeFalse();
        new EventStreamMessage { Data = "" }.IsEmpty.Should().BeFalse();
        new EventStreamMessage { Retry = TimeSpan.FromMilliseconds(1) }.IsEmpty.Should().BeFalse();
        new EventStreamMessage { Comment = "" }.IsEmpty.Should().BeFalse();
    }
}
