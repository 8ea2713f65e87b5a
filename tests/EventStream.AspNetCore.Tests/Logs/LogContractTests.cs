using EventStream.Testing.Logs;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The contract that ships for the authors of other logs: it finds what is broken.</summary>
public sealed class LogContractTests
{
    private static readonly (string Fault, string Rule, Func<SharedLog, BrokenLog> Open)[] Broken =
    [
        (
            "numbers from two",
            "Append_OnTwoNodes_NumbersFromOneInTheirOrder",
            log => new(log) { Position = position => new EventStreamPosition(position!.Value.Epoch, position.Value.Sequence + 1) }),
        (
            "reads backwards",
            "Append_OnTwoNodes_NumbersFromOneInTheirOrder",
            log => new(log) { Page = page => page with { Records = [.. page.Records.Reverse()] } }),
        (
            "loses metadata",
            "Append_WhatIsSaidOfAMessage_IsReadBackWithoutItsIdempotencyKey",
            log => new(log) { Parts = Each(record => record with { Metadata = null }) }),
        (
            "cuts bytes off",
            "Append_AnyBytes_AreReadBackAsTheyWere",
            log => new(log) { Parts = Each(record => record with { Frame = record.Frame[..^1] }) }),
        (
            "trims names",
            "Append_NamesThatDifferALittle_AreDifferentChannels",
            log => new(log) { Parts = Each(record => record with { Channel = record.Channel.Trim() }) }),
        (
            "appends a part of a refused call",
            "Append_ListOfAnotherLength_IsRefusedAndNothingOfTheCallIsAppended",
            log => new(log) { Parts = OneByOne }),
        (
            "appends a refused call to another channel",
            "Append_RefusedInOneOfItsChannels_NothingIsAppendedUnlessItsOutcomeIsUnknown",
            log => new(log) { Parts = OneByOne }),
        ("leaves a hole", "Read_WhileTwoNodesAppend_NeverAHoleAndWhatWasReadStays", log => new(log) { Page = WithoutTheSecond }),
        ("does not know keys", "Append_KeyThatIsRetained_TakesItsPositionOnAnyNode", log => new(log) { Parts = Each(WithoutKey) }),
        (
            "does not know lists",
            "Append_ListThatIsRetained_TakesItsPositionsOnAnyNode",
            log => new(log) { Parts = Each(record => record with { Part = null }) }),
        (
            "does not replace",
            "Append_Replacing_TakesTheOneOfTheSameKeyOut",
            log => new(log) { Parts = Each(record => record with { Replaces = false }) }),
        (
            "does not tell the end",
            "End_OfAChannel_IsAtItsNewestMessageAndSeenByAll",
            log => new(log) { Page = page => page with { IsComplete = false } }),
        ("draws epochs of its own form", "Epoch_OfAChannel_HasTheFormThatNewEpochDraws", log => Drawing(log, _ => "epoch-1")),
        (
            "draws an epoch twice",
            "Epoch_ChannelMadeAgainAfterItWasDropped_IsAnother",
            log => Drawing(log, name => $"{EventStreamPosition.NewEpoch(name)[..3]}000000")),
        (
            "keeps the origin",
            "Origin_ChannelIsDropped_IsAnotherEachTime",
            log => new(log) { Page = page => page with { Origin = "000000000" } }),
        (
            "has the epoch for an origin",
            "Origin_HasTheFormOfAnEpochAndIsNone",
            log => new(log) { Page = page => page with { Origin = page.Epoch ?? page.Origin } }),
        (
            "passes over the limit of bytes",
            "Read_APage_IsWhatFollowsUpToItsCountAndBytes",
            log => new(log) { Request = request => request with { MaxBytes = int.MaxValue } }),
        ("leaves a large message out", "Read_LargeMessages_EachIsAPageAlone", log => new(log) { Page = WithoutLarge }),
        (
            "does not tell what was dropped",
            "Read_BeforeWhatWasDropped_BeginsBehindIt",
            log => new(log) { Page = page => page with { BeforeOldest = 0 } }),
        ("hints at nothing", "Follow_AppendsOfEitherNode_AreHintedAtOnBoth", Mute),
        ("passes over tokens", "Follow_Cancelled_EndsSoonAndDisturbsNoOther", log => new(log) { Token = _ => CancellationToken.None }),
    ];

    public static TheoryData<string> Faults => [.. Broken.Select(each => each.Fault)];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Faults))]
    public async Task Check_LogWithAFault_FindsIt(string fault)
    {
        var (_, rule, open) = Broken.Single(each => each.Fault == fault);

        var check = () => LogContract.CheckAsync(rule, new SharedLogStore(new(), open));

        await check.Should().ThrowAsync<LogContractException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_LogThatAppendsOneByOneAndStops_ReadersSeeAPart()
    {
        var store = new SharedLogStore(
            new(), log => new BrokenLog(log) { Parts = OneByOne, Pause = () => new TaskCompletionSource().Task });

        var check = () => LogContract.CheckAsync("Append_ReadWhileItIsUnderWay_IsSeenWholeOrNotAtAll", store);

        await check.Should().ThrowAsync<LogContractException>().WithMessage("*3 are appended together*");
    }

    [Fact(Timeout = 60_000)]
    public async Task RetentionRules_StoreThatCannotDrop_AreTheOnesThatCannotBeChecked()
    {
        List<string> skipped = [];
        foreach (var rule in LogContract.Rules)
        {
            try
            {
                await LogContract.CheckAsync(rule, new Keeping());
            }
            catch (NotSupportedException)
            {
                skipped.Add(rule);
            }
        }

        skipped.Should().Equal(LogContract.RetentionRules);
        skipped.Should().NotBeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Check_NoSuchRule_IsRefusedAndTheStoreIsDisposedOf()
    {
        var store = new Keeping();

        var check = () => LogContract.CheckAsync("Append_Nothing", store);

        await check.Should().ThrowAsync<ArgumentException>().WithMessage("*'Append_Nothing'*LogContract.Rules*");
        store.IsDisposed.Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Rules_Names_AreEachOnce() => LogContract.Rules.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(50);

    private static Func<IReadOnlyList<EventStreamLogRecord>, IEnumerable<EventStreamLogRecord[]>> Each(
        Func<EventStreamLogRecord, EventStreamLogRecord> change) =>
        records => [[.. records.Select(change)]];

    private static IEnumerable<EventStreamLogRecord[]> OneByOne(IReadOnlyList<EventStreamLogRecord> records) =>
        records.Select(record => new[] { record });

    private static EventStreamLogRecord WithoutKey(EventStreamLogRecord record) =>
        record with { Metadata = record.Metadata is null ? null : record.Metadata with { IdempotencyKey = null } };

    private static EventStreamLogPage WithoutTheSecond(EventStreamLogPage page) =>
        page with { Records = [.. page.Records.Where(entry => entry.Sequence != 2)] };

    private static EventStreamLogPage WithoutLarge(EventStreamLogPage page) =>
        page.Records is [{ Frame.Length: > 1000 }] ? page with { Records = [] } : page;

    private static BrokenLog Drawing(SharedLog log, Func<string, string> epoch)
    {
        log.NewEpoch = epoch;
        return new(log);
    }

    private static BrokenLog Mute(SharedLog log)
    {
        log.IsMute = true;
        return new(log);
    }

    /// <summary>A store of a log that keeps everything.</summary>
    private sealed class Keeping : LogStore
    {
        private readonly SharedLog _log = new();

        public bool IsDisposed { get; private set; }

        public override Task<IEventStreamLog> OpenAsync() => Task.FromResult<IEventStreamLog>(_log);

        public override ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return base.DisposeAsync();
        }
    }
}
