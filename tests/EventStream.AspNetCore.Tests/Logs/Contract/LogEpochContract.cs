namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>A channel's epoch: the log draws it when it makes the channel, it stays, and no other history has it.</summary>
public abstract class LogEpochContract(LogStore store) : LogContract(store)
{
    /// <summary>What makes a channel.</summary>
    public enum Making
    {
        Message,
        Messages,
        Repeatable,
        End,
    }

    [Fact(Timeout = 60_000)]
    public async Task Append_ToAChannelThatExists_KeepsItsEpoch()
    {
        await AppendAsync(One, Message("a"), Message("b"));

        (await AppendAsync(Two, Message("c"))).Should().Equal(At(3));

        (await ReadAsync(One)).Epoch.Should().Be(Epoch);
        (await ReadAsync(await Store.OpenAsync())).Epoch.Should().Be(Epoch);
    }

    [Fact(Timeout = 60_000)]
    public async Task Read_ChannelThatDoesNotExist_SaysSoAndMakesNone()
    {
        for (var i = 0; i < 2; i++) (await ReadAsync(One)).Should().BeEquivalentTo(new { Epoch = (string?)null, Newest = 0L, BeforeOldest = 0L, IsComplete = false, Entries = Array.Empty<EventStreamLogEntry>() });

        (await AppendAsync(Two, Message("a"))).Should().Equal(At(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Epoch_ManyMakeTheChannelAtOnce_AllGetTheSame()
    {
        var epochs = await AtOnceAsync(16, async (node, i) => EpochOf((await AppendAsync(node, Message("a")))[0]));

        epochs.Distinct().Should().ContainSingle().Which.Should().Be(Epoch);
        SequencesOf(await ReadAsync(One)).Should().Equal(Numbers(16));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Making.Message, Making.Message)]
    [InlineData(Making.Messages, Making.Messages)]
    [InlineData(Making.Repeatable, Making.Repeatable)]
    [InlineData(Making.End, Making.End)]
    [InlineData(Making.End, Making.Message)]
    public async Task Epoch_ChannelMadeAgainAfterItWasDropped_IsAnother(Making first, Making second)
    {
        var before = await MakeAsync(One, first);
        await Store.ForgetAsync(Name);

        var after = await MakeAsync(One, second);

        after.Should().NotBe(before).And.StartWith(before[..3], "three characters come from the name");
        (await ReadAsync(Two)).Epoch.Should().Be(after);
    }

    [Fact(Timeout = 60_000)]
    public async Task Epoch_ChannelMadeAgainAndAgain_IsAlwaysAnotherOfItsForm()
    {
        List<string> epochs = [];
        for (var i = 0; i < 8; i++)
        {
            epochs.Add(await MakeAsync(i % 2 == 0 ? One : Two, (Making)(i % 4)));
            await Store.ForgetAsync(Name);
        }

        epochs.Should().OnlyHaveUniqueItems();
        epochs.Should().OnlyContain(epoch => epoch.StartsWith(EventStreamPosition.NewEpoch(Name).Substring(0, 3)));
        epochs.Should().AllSatisfy(epoch => epoch.Should().MatchRegex("^[0-9a-hjkmnp-tv-z]{9}$"));
    }

    /// <summary>Makes the channel by what is the same each time, and returns its epoch.</summary>
    private async Task<string> MakeAsync(IEventStreamLog node, Making making)
    {
        var keyed = Message("keyed", new() { IdempotencyKey = "key" });
        EventStreamLogRecord[] records = making switch
        {
            Making.Message => [Message("a")],
            Making.Messages => [Message("a"), Message("elsewhere") with { Channel = OtherName }, Message("b"), Message("c")],
            Making.Repeatable => [keyed, keyed],
            _ => [End()],
        };
        var positions = await AppendAsync(node, records);
        return positions.Where((_, i) => records[i].Channel == Name).Select(EpochOf).Distinct().Should().ContainSingle().Subject;
    }
}
