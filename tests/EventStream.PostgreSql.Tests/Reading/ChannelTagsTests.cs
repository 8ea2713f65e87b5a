using EventStream.PostgreSql.Reading;

namespace EventStream.PostgreSql.Tests.Reading;

public sealed class ChannelTagsTests
{
    private readonly ChannelTags _tags = new();

    [Fact(Timeout = 30_000)]
    public void Of_TheSameChannelAgain_IsWhatWasKept() => _tags.Of("news").Should().BeSameAs(_tags.Of(string.Concat("ne", "ws")));

    [Fact(Timeout = 30_000)]
    public void Of_MoreChannelsThanAreKept_IsThatOfEachName()
    {
        string[] names = [.. Enumerable.Range(0, 10_000).Select(number => $"orders/{number}")];

        foreach (var name in names) _tags.Of(name);

        names.Select(_tags.Of).Should().Equal(names.Select(name => EventStreamPosition.NewEpoch(name)[..3]));
    }
}
