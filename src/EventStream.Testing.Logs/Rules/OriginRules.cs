namespace EventStream.Testing.Logs.Rules;

/// <summary>The origin of a channel that does not exist: it changes once a history of the channel may have been deleted.</summary>
internal sealed class OriginRules : LogRules
{
    public async Task Origin_NothingWasDropped_IsTheSameOnEveryNodeBeforeAndAfterTheChannelIsMade()
    {
        var origin = (await ReadAsync(One)).Origin;

        Expect.Equal((await ReadAsync(Two)).Origin, origin);
        await AppendAsync(One, Message("a"));
        await AppendAsync(Two, End());
        Expect.Equal((await ReadAsync(Two)).Origin, origin);
        Expect.Equal((await ReadAsync(await Store.OpenAsync())).Origin, origin);
    }

    public async Task Origin_HasTheFormOfAnEpochAndIsNone()
    {
        await AppendAsync(One, Message("a"));

        var page = await ReadAsync(One);

        Expect.True(IsEpoch(page.Origin), page.Origin);
        Expect.NotEqual(page.Origin, page.Epoch);
    }
}
