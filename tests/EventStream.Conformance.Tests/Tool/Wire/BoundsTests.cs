using System.Text;
using EventStream.Conformance.Servers;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Tests.Tool.Wire;

/// <summary>What a server sends without an end is not kept without an end.</summary>
public sealed class BoundsTests
{
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory(Timeout = 30_000)]
    [InlineData("", "X", "a line of HTTP that does not end: 'XXX*")]
    [InlineData("", "\r", "a line of HTTP that does not end: ''")]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-Again: 1\r\n", "headers that do not end: after 256 came 'X-Again: 1'")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "x", "a line of HTTP that does not end: 'X: xxx*")]
    [InlineData("", "HTTP/1.1 100 Continue\r\n\r\n", "16 interim responses, and another instead of a final one")]
    [InlineData(Chunked, "5", "a line of HTTP that does not end: '555*")]
    [InlineData(Chunked + "5;", "name=value;", "a line of HTTP that does not end: '5;name=value;*")]
    [InlineData(Chunked + "0\r\n", "X-Again: 1\r\n", "headers that do not end: after 256 came 'X-Again: 1'")]
    public async Task Response_WithoutEnd_IsGivenUp(string start, string repeated, string seen)
    {
        var input = new ByteInput(new Endless(start, repeated));

        var reading = async () => await new ResponseBody(input, await ResponseHead.ReadAsync(input)).ReadAsync(new byte[100]);

        await reading.Should().ThrowAsync<InvalidDataException>().WithMessage(seen);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("x", "a line of more than 4 MiB")]
    [InlineData("data: x\n", "a message of more than 4 MiB")]
    [InlineData("data\n", "a message of more than 4 MiB")]
    public void Stream_WithoutEnd_IsGivenUp(string repeated, string seen)
    {
        var (splitter, blocks) = (new LineSplitter(), new BlockAssembly());
        var piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(repeated, StreamBounds.Piece / repeated.Length)));

        var reading = () =>
        {
            for (var read = 0; read < 64 << 20; read += piece.Length)
            {
                foreach (var line in splitter.Split(piece)) blocks.Add(line);
            }
        };

        reading.Should().Throw<TooLongException>().WithMessage(seen);
    }

    [Fact(Timeout = 30_000)]
    public void Stream_ManyMessages_EachHasTheWholeMeasure()
    {
        var blocks = new BlockAssembly();
        var line = new WireLine(Encoding.UTF8.GetBytes($"data: {new string('x', 3 << 20)}"), LineEnd.Lf);

        for (var i = 0; i < 4; i++)
        {
            blocks.Add(line);
            blocks.Add(new([], LineEnd.Lf))!.Data!.Length.Should().Be(3 << 20);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Listener_IsNotAsked_DoesNotTakeAllThatTheServerHas()
    {
        // As much time as it takes to read everything is the time that the one that is not asked has to read too much.
        const int Pieces = 64;
        var whole = new List<string>();
        await using var server = new ScriptedServer(async exchange =>
        {
            await exchange.SendAsync(ScriptedExchange.StreamHead);
            var piece = Encoding.UTF8.GetBytes($":{new string('x', 1 << 20)}\n");
            for (var i = 0; i < Pieces; i++) await exchange.ChunkAsync(piece);
            lock (whole) whole.Add(exchange.Target);
            await exchange.EndAsync();
        });
        await using var idle = await Listener.OpenAsync(new(new(server.Address, "/idle")));
        await idle.ExpectHeadAsync(Soon.Limit);
        await using var busy = await Listener.OpenAsync(new(new(server.Address, "/busy")));

        (await busy.ReachEndAsync(Soon.Limit)).Should().BeTrue();

        lock (whole) whole.Should().Equal("/busy");
        (await idle.ReachEndAsync(Soon.Limit)).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task NextLine_TheTimeIsOver_IsNoneAlthoughOneIsReady()
    {
        await using var server = new ScriptedServer(exchange => exchange.StreamAsync("first\nsecond\n"));
        await using var listener = await Listener.OpenAsync(new(server.Address));
        (await listener.NextLineAsync(new(Soon.Limit)))!.Text.Should().Be("first");

        (await listener.NextLineAsync(new(TimeSpan.Zero))).Should().BeNull();

        (await listener.NextLineAsync(new(Soon.Limit)))!.Text.Should().Be("second");
    }

    [Fact(Timeout = 30_000)]
    public async Task Process_SaysNoLineEnd_NoMoreIsKeptThanIsShown()
    {
        using var endless = new StreamReader(new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 10 << 20) + "\nlast\n")));
        var output = new LastOutput(endless);

        await output.End.OrFail("the end of the output");

        output.Lines().Should().Equal(new string('x', 200) + "…", "last");
        output.Kept.Should().BeLessThanOrEqualTo(4096);
    }
}
