using System.Text;

namespace EventStream.Conformance.Tests.Parsing;

public sealed class TableTests
{
    private const int Promised = 150;

    [Fact(Timeout = 30_000)]
    public async Task Table_Counted_HasTheRowsThatAreClaimed() => Table.Rows.Count.Should().BeGreaterThanOrEqualTo(Promised);

    [Fact(Timeout = 30_000)]
    public async Task Table_Names_AreUnique() => Table.Rows.Select(row => row.Name).Should().OnlyHaveUniqueItems();

    [Fact(Timeout = 30_000)]
    public async Task Table_EveryRow_DiffersFromAllOthers() => Table.Rows
        .GroupBy(row => string.Join('|', row.Chunks.Select(Convert.ToHexString)))
        .Where(same => same.Count() > 1)
        .Select(same => string.Join(" = ", same.Select(row => row.Name)))
        .Should().BeEmpty("the same bytes in the same chunks are the same row");

    [Fact(Timeout = 30_000)]
    public async Task Read_EscapesAndRepetitions_StandForTheirBytes()
    {
        var row = Table.Read(
            ["row x", "from here", @"send ""\xE2\u{E9}"" ""\0\\\""\t"" x 2", @"+ ""\##"" x 3", @"event ""a"" type ""b\r"" id ""c"""])
                .Single();

        Convert.ToHexString(row.Bytes).Should().Be("E2C3A9005C2209005C2209" + Convert.ToHexString("1#2#3#"u8));
        row.Expected.Should().BeEquivalentTo(new Outcome([new("b\r", "a", "c")], "c", Wait.Of(3000), StopsInside: false));
    }

    [Fact(Timeout = 30_000)]
    public async Task Read_EndsAndCuts_ARowForEachPair()
    {
        var rows = Table.Read(["row x", "from here", "ends LF CRLF", "cut whole 2", @"send ""ab\e"""]).ToList();

        rows.Select(row => row.Name).Should().Equal("x, LF, whole", "x, LF, in chunks of 2", "x, CRLF, whole", "x, CRLF, in chunks of 2");
        rows.Select(row => string.Join('|', row.Chunks.Select(Encoding.UTF8.GetString)))
            .Should().Equal("ab\n", "ab|\n", "ab\r\n", "ab|\r\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(@"send ""\q""")]
    [InlineData(@"send ""a")]
    [InlineData(@"send ""a"" more")]
    [InlineData(@"evnt ""a""")]
    [InlineData("send")]
    public async Task Read_WhatIsNotInTheNotation_IsRefused(string line) =>
        FluentActions.Invoking(() => Table.Read(["row x", "from here", @"send ""a""", line]).ToList()).Should().Throw<FormatException>();
}
