using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Tests.Wire;

public sealed class EndMarkTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(null, ".end")]
    [InlineData("", ".end")]
    [InlineData("42", "42.end")]
    [InlineData("a b", ".end")]
    [InlineData("é", ".end")]
    [InlineData("a\nid: forged", ".end")]
    public async Task After_Position_MarkAndOnlyWhatIsSafe(string? position, string id)
    {
        EndMark.After(position).Should().Be(id);
        EndMark.IsOn(id).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task After_LongPosition_LeavesRoomForTheMark()
    {
        EndMark.After(new string('x', 124)).Should().Be(new string('x', 124) + ".end");
        EndMark.After(new string('x', 125)).Should().Be(".end");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("end")]
    [InlineData(".END")]
    [InlineData("42.end ")]
    [InlineData("42%2Eend")]
    public async Task IsOn_AnotherId_False(string id) => EndMark.IsOn(id).Should().BeFalse();
}
