using System.Text;

namespace EventStream.AspNetCore.Tests.Wire;

/// <summary>Where data is split, as text and as bytes, which must agree.</summary>
public sealed class DataLineTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("", "data: \n\n")]
    [InlineData("a", "data: a\n\n")]
    [InlineData("a\nb", "data: a\ndata: b\n\n")]
    [InlineData("a\rb", "data: a\ndata: b\n\n")]
    [InlineData("a\r\nb", "data: a\ndata: b\n\n")]
    [InlineData("a\n\rb", "data: a\ndata: \ndata: b\n\n")]
    [InlineData("a\r\r\n\nb", "data: a\ndata: \ndata: \ndata: b\n\n")]
    [InlineData("\n", "data: \ndata: \n\n")]
    [InlineData("\r", "data: \ndata: \n\n")]
    [InlineData("\r\n", "data: \ndata: \n\n")]
    [InlineData("\n\n", "data: \ndata: \ndata: \n\n")]
    [InlineData("\nevent: forged\n\n", "data: \ndata: event: forged\ndata: \ndata: \n\n")]
    [InlineData("a\u2028b\u2029c\u0085d\ve\ff\u001Cg\0h\uFEFF", "data: a\u2028b\u2029c\u0085d\ve\ff\u001Cg\0h\uFEFF\n\n")]
    [InlineData("é\nü\r\n€\r\uD83D\uDE00\n", "data: é\ndata: ü\ndata: €\ndata: \uD83D\uDE00\ndata: \n\n")]
    [InlineData(" a\n b", "data:  a\ndata:  b\n\n")]
    public async Task Write_Data_SplitAtLineBreaksOnly(string data, string frame)
    {
        Encoded.Frame(new() { Data = data }).Should().Be(frame);
        Encoded.Frame(new() { Data = Encoding.UTF8.GetBytes(data) }).Should().Be(frame);
        Encoded.Value(data).Should().Be(frame);
        Encoded.Value(Encoding.UTF8.GetBytes(data)).Should().Be(frame);
        Encoded.Value<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(data)).Should().Be(frame);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Write_LinesThatEndInLf_OneMoreEmptyLine(int count)
    {
        var data = string.Concat(Enumerable.Repeat("line\n", count));

        Encoded.Frame(new() { Data = data }).Should().Be(string.Concat(Enumerable.Repeat("data: line\n", count)) + "data: \n\n");
    }

    // In the body of the test, because test frameworks replace lone surrogates in arguments.
    [Fact(Timeout = 30_000)]
    public async Task Write_LoneSurrogate_ReplacementCharacter()
    {
        Encoded.Frame(new() { Data = "\uD800" }).Should().Be("data: \uFFFD\n\n");
        Encoded.Frame(new() { Data = "\uDC00" }).Should().Be("data: \uFFFD\n\n");
        Encoded.Frame(new() { Data = "a\uD800\nb\uDC00" }).Should().Be("data: a\uFFFD\ndata: b\uFFFD\n\n");
        Encoded.Frame(new() { Data = "\uD83D\n\uDE00" }).Should().Be("data: \uFFFD\ndata: \uFFFD\n\n");
        Encoded.Frame(new() { Data = "\uDE00\uD83D" }).Should().Be("data: \uFFFD\uFFFD\n\n");
        Encoded.Frame(new() { Data = "\uD800\uD83D\uDE00" }).Should().Be("data: \uFFFD\uD83D\uDE00\n\n");
        Encoded.Frame(new() { Comment = "\uD800" }).Should().Be(": \uFFFD\n");
    }

    // Every length around the widths of a vector, with a line break and a non-ASCII character at every place.
    [Fact(Timeout = 30_000)]
    public async Task Write_SomethingAtEachIndexOfEachLength_AsTheRuleSays()
    {
        for (var length = 1; length <= 70; length++)
        {
            for (var index = 0; index < length; index++)
            {
                foreach (var special in "\r\n\0\v\f\u007F\u0080\u00FFĊč\u20AC")
                {
                    var (before, after) = (new string('x', index), new string('y', length - index - 1));
                    var data = before + special + after;
                    var frame = special is '\r' or '\n' ? $"data: {before}\ndata: {after}\n\n" : $"data: {data}\n\n";

                    if (Encoded.Frame(new() { Data = data }) != frame) Encoded.Frame(new() { Data = data }).Should().Be(frame);
                    if (Encoded.Frame(new() { Data = Encoding.UTF8.GetBytes(data) }) != frame)
                    {
                        Encoded.Frame(new() { Data = Encoding.UTF8.GetBytes(data) }).Should().Be(frame);
                    }
                }
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_NullText_NothingAndFalse()
    {
        Encoded.Value<string?>(null).Should().BeEmpty();
        Encoded.Value<byte[]?>(null).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task WriteValue_BytesThatAreNotUtf8_RefusedAndNothingWritten()
    {
        var write = () => Encoded.Value<byte[]>([0x61, 0xFF]);

        write.Should().Throw<ArgumentException>().WithMessage("The data is not UTF-8.*");
    }
}
