namespace EventStream.Testing.Logs.Rules;

/// <summary>A channel's epoch: the log draws it when it creates the channel, and keeps it.</summary>
internal sealed class EpochRules : LogRules
{
    public async Task Append_ToAChannelThatExists_KeepsItsEpoch()
    {
        await AppendAsync(One, Message("a"), Message("b"));

        Expect.Sequence(await AppendAsync(Two, Message("c")), [At(3)]);

        Expect.Equal((await ReadAsync(One)).Epoch, Epoch);
        Expect.Equal((await ReadAsync(await Store.OpenAsync())).Epoch, Epoch);
    }

    public async Task Epoch_OfAChannel_HasTheFormThatNewEpochDraws()
    {
        await AppendAsync(One, Message("a"));

        Expect.True(IsEpoch(Epoch), Epoch);
    }

    public async Task Read_ChannelThatDoesNotExist_SaysSoAndMakesNone()
    {
        for (var i = 0; i < 2; i++)
        {
            var page = await ReadAsync(One);
            Expect.Equal(page.Epoch, null);
            Expect.Equal((page.Newest, page.BeforeOldest, page.IsComplete, page.Records.Count), (0L, 0L, false, 0));
        }

        Expect.Sequence(await AppendAsync(Two, Message("a")), [At(1)]);
    }

    public async Task Epoch_ManyMakeTheChannelAtOnce_AllGetTheSame()
    {
        var epochs = await AtOnceAsync(16, async (node, i) => EpochOf((await AppendAsync(node, Message("a")))[0]));

        Expect.Sequence(epochs, Enumerable.Repeat(Epoch, 16));
        Expect.Sequence(SequencesOf(await ReadAsync(One)), Numbers(16));
    }
}
