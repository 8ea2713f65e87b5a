using System.Text;
using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Tests.Tool.Checks;

public sealed class FramingTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(
        "retry: 3000\n: hello\nid: 1\nevent: price\ndata: a\ndata:  indented\ndata: \n\nid:\ndata: é\n\n", "2 messages in 11 lines")]
    [InlineData("data: a\n\nretry: 5\n", "1 messages in 3 lines")]
    public async Task Stream_AsItOughtToBe_Passes(string text, string seen) =>
        (await Asked.ByAsync(new Framing(), exchange => exchange.StreamAndEndAsync(text))).Should().Be(Outcome.Pass(seen));

    [Theory(Timeout = 30_000)]
    [InlineData("\uFEFFdata: a\n\n", "the stream begins with a byte order mark")]
    [InlineData(
        "data: a\n\n\uFEFFdata: b\n\n",
        "a byte order mark in the middle makes a line an unknown field: '\uFEFFdata: b'; a field is unknown: '\uFEFFdata: b'")]
    [InlineData("data: a\r\n\r\n", "a line ends in CR, or CR and LF: 'data: a'")]
    [InlineData("data: a\ntopic: b\n\n", "a field is unknown: 'topic: b'")]
    [InlineData("Data: a\n\n", "a field is unknown: 'Data: a'")]
    [InlineData("data:a\n\n", "a field has no colon and one space before its value: 'data:a'")]
    [InlineData("data\n\n", "a field has no colon and one space before its value: 'data'")]
    [InlineData("id:  1\ndata: a\n\n", "a field has no colon and one space before its value: 'id:  1'")]
    [InlineData("retry: 3s\n", "a retry is not a number: 'retry: 3s'")]
    [InlineData("retry: \n", "a retry is not a number: 'retry: '")]
    [InlineData("data: a\n\ndata: b\n", "the stream ends in a message that no blank line follows, which clients drop")]
    [InlineData(
        "data:a\n\ndata:b\n\nretry:x\n",
        "a field has no colon and one space before its value: 'data:a'; a retry is not a number: 'retry:x'")]
    public async Task Stream_WithAFault_IsShown(string text, string seen) =>
        (await Asked.ByAsync(new Framing(), exchange => exchange.StreamAndEndAsync(text))).Should().Be(Outcome.Lack(seen));

    [Fact(Timeout = 30_000)]
    public async Task Stream_NotUtf8_IsShown()
    {
        var outcome = await Asked.ByAsync(new Framing(), async exchange =>
        {
            await exchange.SendAsync(ScriptedExchange.StreamHead);
            await exchange.ChunkAsync(Encoding.Latin1.GetBytes("data: é\n\n"));
            await exchange.EndAsync();
        });

        outcome.Should().Be(Outcome.Lack("a line is not UTF-8: 'data: \uFFFD'"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Stream_ChunkIsMalformed_IsShown()
    {
        var outcome = await Asked.ByAsync(new Framing(), async exchange =>
        {
            await exchange.SendAsync(ScriptedExchange.StreamHead);
            await exchange.ChunkAsync("data: a\n\n");
            await exchange.SendAsync("data: b\n\n");
        });

        outcome.Should().Be(Outcome.Lack("the response is not HTTP/1.1: a chunk whose size is 'data: b'"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Stream_EndsAtOnce_IsALack() =>
        (await Asked.ByAsync(new Framing(), async exchange =>
        {
            await exchange.SendAsync(ScriptedExchange.StreamHead);
            await exchange.EndAsync();
        })).Should().Be(Outcome.Lack("the stream ended before a line came"));

    [Fact(Timeout = 30_000)]
    public async Task Stream_Silent_IsALack() =>
        (await Asked.ByAsync(new Framing(), exchange => exchange.StreamAsync(""), Asked.Patient))
            .Should().Be(Outcome.Lack("not one line came within 3 s"));
}
