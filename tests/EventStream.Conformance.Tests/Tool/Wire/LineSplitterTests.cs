using System.Text;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Tests.Tool.Wire;

public sealed class LineSplitterTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n\nid: 1\n", "data: a|Lf", "|Lf", "id: 1|Lf")]
    [InlineData("a\r\nb\rc\n\r\r\nd", "a|Cr", "b|Cr", "c|Lf", "|Cr", "|Cr", "d|Nothing")]
    [InlineData("\uFEFFdata: é\n\uFEFF\n", "data: é|Lf", "\uFEFF|Lf")]
    [InlineData("", new string[0])]
    [InlineData("\uFEFF", new string[0])]
    [InlineData("\uFEFF\n\uFEFF", "|Lf", "\uFEFF|Nothing")]
    public void Split_BytesCutAnywhere_SameLines(string text, params string[] lines)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at <= bytes.Length; at++) Lines(bytes[..at], bytes[at..]).Should().Equal(lines, "the bytes were cut at {0}", at);
        Lines([.. bytes.Select(octet => new[] { octet })]).Should().Equal(lines, "they came one by one");
    }

    [Fact(Timeout = 30_000)]
    public void Split_LoneCr_EndsTheLineWithoutTheNextByte() =>
        new LineSplitter().Split("data: a\r"u8).Should().ContainSingle().Which.Text.Should().Be("data: a");

    [Theory(Timeout = 30_000)]
    [InlineData("\uFEFFdata: a\n", true)]
    [InlineData("data: a\n\uFEFFdata: b\n", false)]
    public void HasByteOrderMark_AtTheStartAlone_IsSeen(string text, bool isSeen)
    {
        var splitter = new LineSplitter();

        splitter.Split(Encoding.UTF8.GetBytes(text));

        splitter.HasByteOrderMark.Should().Be(isSeen);
    }

    private static string[] Lines(params byte[][] parts)
    {
        var splitter = new LineSplitter();
        var lines = parts.SelectMany(part => splitter.Split(part)).ToList();
        if (splitter.Rest() is { } rest) lines.Add(rest);
        return [.. lines.Select(line => $"{line.Text}|{line.End}")];
    }
}
