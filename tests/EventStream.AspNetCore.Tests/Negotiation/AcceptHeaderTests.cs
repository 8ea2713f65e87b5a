using EventStream.AspNetCore.Negotiation;

namespace EventStream.AspNetCore.Tests.Negotiation;

public sealed class AcceptHeaderTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(null, "*/*")]
    [InlineData("", "*/*")]
    [InlineData("nonsense", "*/*")]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("TEXT/Event-Stream; charset=utf-8", "text/event-stream")]
    public async Task RankOf_SuchAHeader_AcceptsEventStream(string? accept, string because)
    {
        await Task.Yield();

        AcceptHeader.Parse(accept).RankOf("text/event-stream").Should().Be(new AcceptRank(1, 0), because);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("application/json")]
    [InlineData("text/event-stream;q=0")]
    [InlineData("*/*, text/event-stream;q=0")]
    [InlineData("text/html, image/*")]
    public async Task RankOf_SuchAHeader_RefusesEventStream(string accept)
    {
        await Task.Yield();

        AcceptHeader.Parse(accept).RankOf("text/event-stream").Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task RankOf_SeveralRangesMatch_MostSpecificCounts()
    {
        await Task.Yield();
        var accept = AcceptHeader.Parse("*/*;q=0.9, text/*;q=0.5, text/event-stream;q=0.3");

        accept.RankOf("text/event-stream").Should().Be(new AcceptRank(0.3, 2));
        accept.RankOf("text/plain").Should().Be(new AcceptRank(0.5, 1));
        accept.RankOf("application/json").Should().Be(new AcceptRank(0.9, 0));
    }

    [Fact(Timeout = 30_000)]
    public async Task RankOf_OneRangeIsMalformed_OthersCount()
    {
        await Task.Yield();

        AcceptHeader.Parse("a b c, text/event-stream").RankOf("text/event-stream").Should().NotBeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task NamedTypes_QualitiesAndWildcards_BestFirstWithoutWildcardsAndRefused()
    {
        await Task.Yield();

        AcceptHeader.Parse("text/xml;q=0.2, */*, text/event-stream, a/b;q=0, application/json;q=0.7, application/xml;q=0.7")
            .NamedTypes.Should().Equal("text/event-stream", "application/json", "application/xml", "text/xml");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1, 1, 0.9, 0, true)]
    [InlineData(1, 0, 1, 1, true)]
    [InlineData(1, 1, 1, 1, false)]
    [InlineData(0.5, 0, 1, 1, false)]
    public async Task Beats_QualityThenOrder_AsExpected(double quality, int index, double otherQuality, int otherIndex, bool beats)
    {
        await Task.Yield();

        new AcceptRank(quality, index).Beats(new AcceptRank(otherQuality, otherIndex)).Should().Be(beats);
    }
}
