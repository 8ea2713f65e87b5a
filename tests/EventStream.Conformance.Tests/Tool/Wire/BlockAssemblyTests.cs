using System.Text;
using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Tests.Tool.Wire;

public sealed class BlockAssemblyTests
{
    [Fact(Timeout = 30_000)]
    public void Add_EveryField_IsInTheBlock() =>
        Blocks("id: 7\nevent: price\ndata: first\ndata:  second\nretry: 5\n: said\n\n")
            .Should().Equal(new Block("7", "price", "first\n second", HasComment: true));

    [Fact(Timeout = 30_000)]
    public void Add_NoData_NoEvent() => Blocks("id: 7\nevent: price\n\n").Should().ContainSingle().Which.IsEvent.Should().BeFalse();

    [Fact(Timeout = 30_000)]
    public void Add_EmptyData_IsAnEvent() => Blocks("data\n\n").Should().Equal(new Block(null, "message", "", HasComment: false));

    [Fact(Timeout = 30_000)]
    public void Add_IdWithNul_IsIgnored() =>
        Blocks("id: 1\0\ndata: a\n\n").Should().Equal(new Block(null, "message", "a", HasComment: false));

    [Fact(Timeout = 30_000)]
    public void Add_SecondBlock_HasNothingOfTheFirst() =>
        Blocks("id: 1\nevent: price\ndata: a\n:\n\ndata: b\n\n")[1].Should().Be(new Block(null, "message", "b", HasComment: false));

    [Theory(Timeout = 30_000)]
    [InlineData("data: a\n\n", false)]
    [InlineData("data: a\n\nretry: 5\n", false)]
    [InlineData("data: a\n\n:\n", false)]
    [InlineData("data: a\n\ndata: b\n", true)]
    [InlineData("data: a\n\nid: 2\n", true)]
    [InlineData("data: a\n\nda", true)]
    public void HasBegun_AtTheEnd_OnlyWhereAClientLosesSomething(string text, bool hasBegun)
    {
        var blocks = new BlockAssembly();

        foreach (var line in Lines(text)) blocks.Add(line);

        blocks.HasBegun.Should().Be(hasBegun);
    }

    private static Block[] Blocks(string text)
    {
        var blocks = new BlockAssembly();
        return [.. Lines(text).Select(blocks.Add).OfType<Block>()];
    }

    private static IEnumerable<WireLine> Lines(string text)
    {
        var splitter = new LineSplitter();
        foreach (var line in splitter.Split(Encoding.UTF8.GetBytes(text))) yield return line;
        if (splitter.Rest() is { } rest) yield return rest;
    }
}
