namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>A channel's epoch: whoever makes the channel gives it, and it stays.</summary>
public abstract class LogEpochContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Append_ToAChannelThatExists_KeepsItsEpoch()
    {
        await AppendAsync(One, Message("a"), Message("b") with { Epoch = "abc111111" });

        (await AppendAsync(Two, Message("c") with { Epoch = "abc222222" })).Should().Equal(At(3));

        (await ReadAsync(One, newEpoch: "abc333333")).Epoch.Should().Be(Epoch);
        (await ReadAsync(await Store.OpenAsync())).Epoch.Should().Be(Epoch);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_ChannelThatDoesNotExist_SaysSoAndMakesNone()
    {
        for (var i = 0; i < 2; i++) (await ReadAsync(One)).Should().BeEquivalentTo(EventStreamLogPage.Missing);

        (await AppendAsync(Two, Message("a"))).Should().Equal(At(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_WithANewEpoch_MakesTheChannelIfItIsMissing()
    {
        (await ReadAsync(One, newEpoch: Epoch)).Should().BeEquivalentTo(new EventStreamLogPage { Epoch = Epoch });

        (await ReadAsync(Two)).Epoch.Should().Be(Epoch);
        (await ReadAsync(Two, newEpoch: "abc111111")).Epoch.Should().Be(Epoch);
        (await AppendAsync(Two, Message("a") with { Epoch = "abc222222" })).Should().Equal(At(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Epoch_ManyMakeTheChannelAtOnce_AllGetTheSame()
    {
        var epochs = await AtOnceAsync(16, async (node, i) => i % 4 < 2
            ? (await ReadAsync(node, newEpoch: $"abc{i:D6}")).Epoch
            : (await AppendAsync(node, Message("a") with { Epoch = $"abc{i:D6}" }))[0].ToString().Split('-')[0]);

        epochs.Distinct().Should().ContainSingle().Which.Should().StartWith("abc0000");
        SequencesOf(await ReadAsync(One)).Should().Equal(Numbers(8));
    }
}
