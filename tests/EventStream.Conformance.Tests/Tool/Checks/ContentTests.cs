using EventStream.Conformance.Checks;

namespace EventStream.Conformance.Tests.Tool.Checks;

/// <summary>The checks of what a message can be: its id, a comment, an id alone.</summary>
public sealed class ContentTests
{
    [Fact(Timeout = 30_000)]
    public async Task HostileIds_WrittenAsTheyAre_EachIsShown()
    {
        var outcome = await Asked.ByAsync(
            new HostileIds(), exchange => exchange.StreamAndEndAsync($"id: {IdOf(exchange)}\ndata: echo\n\n"));

        outcome.Should().Be(Outcome.Lack(string.Join("; ", HostileId.All.Select(id => id.Name))));
    }

    [Fact(Timeout = 30_000)]
    public async Task HostileIds_RefusedOrEncoded_Passes()
    {
        var outcome = await Asked.ByAsync(new HostileIds(), exchange => IdOf(exchange) switch
        {
            { Length: > 128 } => exchange.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
            var id when id.Contains('\n', StringComparison.Ordinal) => Task.CompletedTask,
            var id => exchange.StreamAndEndAsync($"id: {Uri.EscapeDataString(id)}\ndata: echo\n\n"),
        });

        outcome.Should().Be(Outcome.Pass("6 hostile ids, and none went out as it was"));
    }

    [Fact(Timeout = 30_000)]
    public async Task HostileIds_EvenAPlainOneDoesNotComeBack_IsALack()
    {
        var outcome = await Asked.ByAsync(new HostileIds(), exchange => exchange.StreamAndEndAsync("id: mine\ndata: a\n\n"));

        outcome.Should().Be(Outcome.Lack("the id 'plain-1' did not come back, so nothing can be said about worse ones"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(":\n: hello\ndata: a\n\n", "Pass", "': hello'")]
    [InlineData(":\ndata: a\n\n", "Lack", "no comment; the first that came was an event with data 'a'")]
    public async Task Comment_WithWords_IsSeen(string text, string verdict, string seen) =>
        (await Asked.ByAsync(new CommentLine(), exchange => exchange.StreamAsync(text)))
            .Should().Be(new Outcome(Enum.Parse<Verdict>(verdict), seen));

    [Theory(Timeout = 30_000)]
    [InlineData("id: 7\n\ndata: a\n\n", "Pass", "id 7, and no event")]
    [InlineData(
        ": a block without an id\n\nid: 7\ndata: \n\n", "Lack", "no id alone; the first that came was an event with id 7 and data ''")]
    public async Task IdOnly_BlockWithoutData_IsSeen(string text, string verdict, string seen) =>
        (await Asked.ByAsync(new IdOnly(), exchange => exchange.StreamAsync(text)))
            .Should().Be(new Outcome(Enum.Parse<Verdict>(verdict), seen));

    private static string IdOf(ScriptedExchange exchange) => Uri.UnescapeDataString(exchange.Target.Split("id=")[^1]);
}
