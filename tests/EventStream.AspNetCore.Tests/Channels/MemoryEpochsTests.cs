using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class MemoryEpochsTests
{
    private readonly MemoryEpochs _epochs = new();

    [Fact(Timeout = 30_000)]
    public async Task Next_NothingHasBegun_IsTheSameEachTimeAndOfTheFormOfEpochs()
    {
        var epoch = _epochs.Next("orders/7");

        _epochs.Next("orders/7").Should().Be(epoch);
        Positions.IsEpoch(epoch, "orders/7").Should().BeTrue();
        _epochs.Next("orders/8").Should().NotBe(epoch);
    }

    [Fact(Timeout = 30_000)]
    public async Task Next_ManyHistoriesOfOneName_EachHasAnotherEpochAndAllAreKnown()
    {
        HashSet<string> epochs = [];
        for (var i = 0; i < 10_000; i++)
        {
            epochs.Add(_epochs.Next("news")).Should().BeTrue();
            _epochs.Begin("news");
        }

        epochs.Should().OnlyContain(epoch => _epochs.HasDrawn("news", epoch));
    }

    [Fact(Timeout = 30_000)]
    public async Task HasDrawn_MadeUp_IsNot()
    {
        for (var i = 0; i < 10; i++) _epochs.Begin("news");
        var tag = Positions.TagOf("news");

        // Eleven of a thousand million are drawn: that one of these is among them is as likely as one in ten thousand.
        Enumerable.Range(0, 10_000).Where(n => _epochs.HasDrawn("news", Positions.EpochOf(tag, n * 107_374))).Should().BeEmpty();
        _epochs.HasDrawn("news", Positions.NewEpoch("news")).Should().BeFalse();
        _epochs.HasDrawn("news", new MemoryEpochs().Next("news")).Should().BeFalse("it is of another process");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0x3FFF_FFFF)]
    [InlineData(0x2AAA_AAAA)]
    public async Task EpochOf_AnyChance_IsReadBack(int chance)
    {
        var epoch = Positions.EpochOf(Positions.TagOf("news"), chance);

        Positions.IsEpoch(epoch, "news").Should().BeTrue();
        Positions.RandomPartOf(epoch).Should().Be(chance);
    }
}
