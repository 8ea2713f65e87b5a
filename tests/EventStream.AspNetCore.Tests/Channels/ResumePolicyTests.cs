using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>Where a subscriber begins, from what it sent and what can be had.</summary>
public sealed class ResumePolicyTests
{
    // Messages 11 to 20 can be had; the last three begin after 17.
    private static readonly ResumeWindow Window = new(BeforeOldest: 10, BeforeLast: 17, Newest: 20, IsOfRun: false);

    [Theory(Timeout = 30_000)]
    [InlineData(10)]
    [InlineData(15)]
    [InlineData(20)]
    public async Task Decide_PositionThatCanBeHad_ContinuesAfterIt(long sequence) =>
        ResumePolicy.Decide(Resume.After(sequence), EventStreamStart.Now, Window)
            .Should().Be(new ResumePoint(sequence, Gap: null, Has: null));

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(9)]
    public async Task Decide_PositionThatIsEvicted_IsAGapThatKnowsWhatTheClientHas(long sequence) =>
        ResumePolicy.Decide(Resume.After(sequence), EventStreamStart.Now, Window)
            .Should().Be(new ResumePoint(10, EventStreamGapReason.Evicted, Has: sequence));

    [Fact(Timeout = 30_000)]
    public async Task Decide_PositionThatWasNeverPublished_IsAGapOfTheFuture() =>
        ResumePolicy.Decide(Resume.After(21), EventStreamStart.Now, Window)
            .Should().Be(new ResumePoint(10, EventStreamGapReason.Future, Has: null));

    [Theory(Timeout = 30_000)]
    [InlineData(EventStreamGapReason.Restarted)]
    [InlineData(EventStreamGapReason.Malformed)]
    [InlineData(EventStreamGapReason.Unknown)]
    public async Task Decide_WhatIsNoPositionOfThisHistory_IsAGapWithItsReason(EventStreamGapReason reason) =>
        ResumePolicy.Decide(Resume.Gap(reason), EventStreamStart.Oldest, Window).Should().Be(new ResumePoint(10, reason, Has: null));

    [Fact(Timeout = 30_000)]
    public async Task Decide_NoPosition_BeginsWithTheLastMessages() =>
        ResumePolicy.Decide(Resume.None, EventStreamStart.Last(3), Window).Should().Be(new ResumePoint(17, Gap: null, Has: null));

    [Fact(Timeout = 30_000)]
    public async Task Decide_NoPositionInARunThatIsReadFromTheOldest_HasLostWhatIsEvicted()
    {
        var run = Window with { IsOfRun = true };

        ResumePolicy.Decide(Resume.None, EventStreamStart.Oldest, run)
            .Should().Be(new ResumePoint(10, EventStreamGapReason.Evicted, Has: 0));
        ResumePolicy.Decide(Resume.None, EventStreamStart.Now, run).Gap.Should().BeNull("it was not asked for");
        ResumePolicy.Decide(Resume.None, EventStreamStart.Oldest, run with { BeforeOldest = 0 }).Gap.Should().BeNull("nothing is lost");
        ResumePolicy.Decide(Resume.None, EventStreamStart.Oldest, Window).Gap.Should().BeNull("the channel is no run's");
    }
}
