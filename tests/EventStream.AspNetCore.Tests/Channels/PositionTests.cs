using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>A position as a value: its text, and its order.</summary>
public sealed class PositionTests
{
    private static readonly string One = EventStreamPosition.NewEpoch("one");
    private static readonly string Two = EventStreamPosition.NewEpoch("two");

    [Fact(Timeout = 30_000)]
    public void Parse_ItsOwnText_IsThePosition()
    {
        EventStreamPosition position = new(One, 1042);

        EventStreamPosition.Parse(position.ToString()).Should().Be(position);
        EventStreamPosition.TryParse(position.ToString(), out var parsed).Should().BeTrue();
        (parsed, parsed.Epoch, parsed.Sequence).Should().Be((position, One, 1042L));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("k7m3x9q2v")]
    [InlineData("k7m3x9q2v-")]
    [InlineData("k7m3x9q2v--1")]
    [InlineData("k7m3x9q2v-1.end")]
    [InlineData("k7m3x9q2v-1,k7m3x9q2v-2")]
    [InlineData(" k7m3x9q2v-1")]
    [InlineData("K7M3X9Q2V-1")]
    public void TryParse_AnythingElse_IsFalse(string? text)
    {
        EventStreamPosition.TryParse(text, out var position).Should().BeFalse();
        position.Should().Be(default(EventStreamPosition));
        if (text is not null) FluentActions.Invoking(() => EventStreamPosition.Parse(text)).Should().Throw<FormatException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task TryParse_ParameterOfAMinimalApi_IsBound()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (EventStreamPosition? after) => after?.Sequence ?? -1));
        var client = app.Client;

        (await client.GetStringAsync($"/?after={One}-7")).Should().Be("7");
        (await client.GetStringAsync("/")).Should().Be("-1");
        using var nonsense = await client.GetAsync("/?after=nonsense");
        nonsense.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact(Timeout = 30_000)]
    public void Compare_OneEpoch_ByTheSequence()
    {
        (EventStreamPosition first, EventStreamPosition second) = (new(One, 9), new(One, 10));

        (
            first < second,
            first <= second,
            second > first,
            second >= first,
            first <= new EventStreamPosition(One, 9)).Should().Be((true, true, true, true, true));
        (first > second, first >= second, second < first, second <= first).Should().Be((false, false, false, false));
        first.CompareTo(second).Should().BeNegative();
    }

    [Fact(Timeout = 30_000)]
    public void Compare_TwoEpochs_NoOperatorIsTrueAndSortingKeepsThemApart()
    {
        (EventStreamPosition one, EventStreamPosition other) = (new(One, 1), new(Two, 2));

        (one < other, one <= other, one > other, one >= other).Should().Be((false, false, false, false));
        (default(EventStreamPosition) < one, default(EventStreamPosition) >= one).Should().Be((false, false));
        EventStreamPosition[] sorted = [new(Two, 1), new(One, 2), new(Two, 3), new(One, 1)];
        Array.Sort(sorted);
        sorted.Select(position => position.Sequence).Should().Equal(string.CompareOrdinal(One, Two) < 0 ? [1L, 2, 1, 3] : [1L, 3, 1, 2]);
    }

    [Fact(Timeout = 30_000)]
    public void New_NoEpochOrANegativeSequence_IsRefused()
    {
        FluentActions.Invoking(() => new EventStreamPosition("", 1)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new EventStreamPosition(null!, 1)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new EventStreamPosition(One, -1)).Should().Throw<ArgumentOutOfRangeException>();
        (default(EventStreamPosition).Epoch, default(EventStreamPosition).ToString()).Should().Be(("", ""));
    }
}
