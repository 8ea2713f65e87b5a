namespace EventStream.AspNetCore.Tests.Logs.Contract;

/// <summary>The origin: it stands for a channel that does not exist, as long as no history of the channel can have come and gone.</summary>
public abstract class LogOriginContract(LogStore store) : LogContract(store)
{
    [Fact(Timeout = 60_000)]
    public async Task Origin_NothingWasDropped_IsTheSameOnEveryNodeBeforeAndAfterTheChannelIsMade()
    {
        var origin = (await ReadAsync(One)).Origin;

        (await ReadAsync(Two)).Origin.Should().Be(origin);
        await AppendAsync(One, Message("a"));
        await AppendAsync(Two, End());
        (await ReadAsync(Two)).Origin.Should().Be(origin);
        (await ReadAsync(await Store.OpenAsync())).Origin.Should().Be(origin);
    }

    [Fact(Timeout = 60_000)]
    public async Task Origin_HasTheFormOfAnEpochAndIsNone()
    {
        await AppendAsync(One, Message("a"));

        var page = await ReadAsync(One);

        page.Origin.Should().MatchRegex("^[0-9a-hjkmnp-tv-z]{9}$").And.StartWith(page.Epoch![..3]).And.NotBe(page.Epoch);
    }

    [Fact(Timeout = 60_000)]
    public async Task Origin_ChannelIsDropped_IsAnotherEachTime()
    {
        List<string> origins = [(await ReadAsync(One)).Origin];
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync(i % 2 == 0 ? One : Two, Message("a"), End());
            await Store.ForgetAsync(Name);
            origins.Add((await ReadAsync(One)).Origin);
            (await ReadAsync(Two)).Origin.Should().Be(origins[^1]);
        }

        origins.Should().OnlyHaveUniqueItems();
    }

    [Fact(Timeout = 60_000)]
    public async Task Origin_MessagesAreDropped_Stays()
    {
        var origin = (await ReadAsync(One)).Origin;
        await AppendAsync(One, Message("a"), Message("b"));

        await Store.DropAsync(Name, 2);

        (await ReadAsync(One)).Origin.Should().Be(origin);
    }
}
