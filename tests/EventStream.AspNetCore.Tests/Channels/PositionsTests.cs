using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

public sealed class PositionsTests
{
    private static readonly string Epoch = Positions.NewEpoch("prices");

    public static TheoryData<string> Malformed =>
    [
        "", " ", "-", ",", "1", "42", "abc", Epoch, $"{Epoch}-", $"{Epoch}--1", $"{Epoch}-+1", $"{Epoch}- 1", $"{Epoch}-1 ", $" {Epoch}-1",
        $"{Epoch}-1.5", $"{Epoch}-0x1",
        $"{Epoch}-1,", $",{Epoch}-1", $"{Epoch}-1;{Epoch}-2", $"{Epoch}:1", $"{Epoch}_1", $"{Epoch}-123456789012345",
        $"{Epoch}-99999999999999999999999999", $"{Epoch}-9223372036854775808",
        $"{Epoch}-\u0661", $"{Epoch}-1\u0661", $"{Epoch}-1é", $"{Epoch[..8]}é-1", $"{Epoch[..8]}\uD800-1",
        $"{Epoch.ToUpperInvariant()[..8]}I-1", $"{Epoch}-1\0", $"{Epoch}-1\n",
        new string('1', 100_000), new string(',', 100_000), string.Join(
            ',', Enumerable.Repeat($"{Epoch}-1", 6)), $"{Epoch}-1.{new string('A', 22)}",
    ];

    [Theory(Timeout = 30_000)]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Find_PositionOfAnEpochThatIsContinued_IsGoodUpToWhatIsShared(long sequence, bool isGood)
    {
        var continues = new EventStreamPosition(Positions.NewEpoch("prices"), 5);
        var id = new EventStreamPosition(continues.Epoch!, sequence).ToString();
        var expected = isGood ? Resume.After(sequence) : Resume.Gap(EventStreamGapReason.Restarted);

        Positions.Find(id, Epoch, isAlone: true, continues: continues).Should().Be(expected);
        Positions.Find($"{Positions.NewEpoch("other")}-3,{id}", Epoch, isAlone: false, continues: continues).Should().Be(expected);
        Positions.Find(id, Epoch, isAlone: true).Should().Be(Resume.Gap(EventStreamGapReason.Restarted));
        Positions.AreOver(id, [new KnownHistory(Epoch, continues)]).Should().Be(isGood);
    }

    [Fact(Timeout = 30_000)]
    public async Task NewEpoch_OneChannel_TheSameTagAndAnotherChance()
    {
        var epochs = Enumerable.Range(0, 100).Select(_ => Positions.NewEpoch("orders/7")).ToArray();

        epochs.Should().OnlyContain(epoch => epoch.Length == 9 && epoch.StartsWith(epochs[0].Substring(0, 3))).And.OnlyHaveUniqueItems();
        Positions.NewEpoch("orders/8")[..3].Should().NotBe(epochs[0][..3]);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000_007)]
    [InlineData(Positions.MaxSequence)]
    public async Task Write_Sequence_IsFoundAgainInAtMost24Characters(long sequence)
    {
        var bytes = new byte[Positions.MaxLength];
        var text = System.Text.Encoding.ASCII.GetString(bytes, 0, Positions.Write(bytes, Epoch, sequence));

        text.Should().Be($"{Epoch}-{sequence}").And.Be(new EventStreamPosition(Epoch, sequence).ToString());
        text.Length.Should().BeLessThanOrEqualTo(24);
        Positions.Find(text, Epoch, isAlone: true).Should().Be(Resume.After(sequence));
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Malformed))]
    public async Task Find_Malformed_IsThatGapAloneAndAmongOthers(string id)
    {
        Positions.Find(id, Epoch, isAlone: true).Should().Be(Resume.Gap(EventStreamGapReason.Malformed));
        Positions.Find(id, Epoch, isAlone: false).Should().Be(Resume.Gap(EventStreamGapReason.Malformed));
    }

    [Fact(Timeout = 30_000)]
    public async Task Find_EndMark_OtherHistoriesAreReadSoItBeginsWithTheFirstMessage()
    {
        var earlier = $"{Positions.NewEpoch("prices")}-17.end";
        var other = Positions.NewEpoch("other");

        Positions.Find(earlier, Epoch, isAlone: true).Should().Be(Resume.AfterOther);
        Positions.Find($"{other}-3,{earlier}", Epoch, isAlone: false).Should().Be(Resume.AfterOther);
        Positions.Find($"{other}-3.end", Epoch, isAlone: true).Should().Be(Resume.AfterOther);
        Positions.Find($"{other}-3.end", Epoch, isAlone: false).Should().Be(Resume.None);
        Positions.Find($"{other}-3,{Epoch}-5.end", Epoch, isAlone: false).Should().Be(Resume.After(5));
        Positions.Find("7.end", Epoch, isAlone: true).Should().Be(Resume.Gap(EventStreamGapReason.Malformed));
    }

    [Fact(Timeout = 30_000)]
    public async Task Find_EarlierEpochOfTheChannel_IsRestarted()
    {
        var earlier = $"{Positions.NewEpoch("prices")}-17";

        Positions.Find(earlier, Epoch, isAlone: true).Should().Be(Resume.Gap(EventStreamGapReason.Restarted));
        Positions.Find($"{Positions.NewEpoch("other")}-3,{earlier}", Epoch, isAlone: false)
            .Should().Be(Resume.Gap(EventStreamGapReason.Restarted));
    }

    [Fact(Timeout = 30_000)]
    public async Task Find_AnotherChannel_IsUnknownAloneAndNothingAmongOthers()
    {
        var other = $"{Positions.NewEpoch("other")}-17";

        Positions.Find(other, Epoch, isAlone: true).Should().Be(Resume.Gap(EventStreamGapReason.Unknown));
        Positions.Find(other, Epoch, isAlone: false).Should().Be(Resume.None);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Find_AmongOthers_ItsOwnWhereverItStands(int place)
    {
        var parts = Enumerable.Range(0, 5).Select(n => $"{Positions.NewEpoch($"channel {n}")}-{n}").ToArray();
        parts[place] = $"{Epoch}-1234";

        Positions.Find(string.Join(',', parts), Epoch, isAlone: false).Should().Be(Resume.After(1234));
    }

    [Fact(Timeout = 30_000)]
    public async Task Find_OneMalformedPart_SpoilsAll() =>
        Positions.Find($"{Epoch}-5,nonsense", Epoch, isAlone: false).Should().Be(Resume.Gap(EventStreamGapReason.Malformed));

    [Fact(Timeout = 30_000)]
    public async Task Find_OldAndNewEpochInOneId_IsThePositionOfTheNew()
    {
        var earlier = $"{Positions.NewEpoch("prices")}-17";

        Positions.Find($"{earlier},{Epoch}-5", Epoch, isAlone: false).Should().Be(Resume.After(5));
        Positions.Find($"{Epoch}-5,{earlier}", Epoch, isAlone: false).Should().Be(Resume.After(5));
    }
}
