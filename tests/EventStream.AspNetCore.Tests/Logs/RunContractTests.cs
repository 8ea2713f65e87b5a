using EventStream.Testing.Logs;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>The contract of logs that hold runs: each of its rules finds a log that is broken.</summary>
public sealed class RunContractTests
{
    private static readonly Func<SharedLog, BrokenRunLog> HasNoFence =
        log => new(log) { Record = record => record with { RunToken = null } };

    private static readonly Func<SharedLog, BrokenRunLog> RefusesEveryToken =
        log => new(log) { Record = record => record with { RunToken = record.RunToken + "?" } };

    private static readonly Func<SharedLog, BrokenRunLog> GivesTheRunToEveryone =
        log => new(log) { Claimed = (claim, run) => run with { Token = claim.Token, Node = claim.Node } };

    private static readonly Func<SharedLog, BrokenRunLog> AlwaysRestarts =
        log => new(log) { Claim = claim => claim with { Restarts = true } };

    private static readonly Func<SharedLog, BrokenRunLog> TakesNothingOver =
        log => new(log) { TakeOver = (shared, claim) => Task.FromResult(shared.RunOf(claim.Channel)) };

    private static readonly Func<SharedLog, BrokenRunLog> TakesOverByAClaim =
        log => new(log) { TakeOver = async (shared, claim) => await shared.ClaimRunAsync(claim, default) };

    private static readonly Func<SharedLog, BrokenRunLog> ReplacesNoToken =
        log => new(log) { Claim = claim => claim with { Replaces = null } };

    private static readonly Func<SharedLog, BrokenRunLog> ReplacesAnyToken =
        log => new(log) { Claim = claim => claim.Replaces is null ? claim : claim with { Replaces = log.RunOf(claim.Channel)!.Token } };

    private static readonly Func<SharedLog, BrokenRunLog> CountsBeforeItReplaces = log => new(log)
    {
        TakeOver = async (shared, claim) =>
        {
            var before = shared.RunOf(claim.Channel)!.Newest;
            while (shared.RunOf(claim.Channel)!.Newest == before) await Task.Yield();
            return (await shared.TakeOverRunAsync(claim, default))! with { Newest = before };
        },
    };

    private static readonly Func<SharedLog, BrokenRunLog> ForgetsStops =
        log => new(log) { Stop = async channel => (await log.ReadRunsAsync([channel], default))[0] with { IsStopRequested = true } };

    private static readonly Func<SharedLog, BrokenRunLog> LeavesARunRunning =
        log => new(log) { Run = run => run with { State = EventStreamRunState.Running } };

    private static readonly Func<SharedLog, BrokenRunLog> BeginsARunToEnd = log => new(log)
    {
        Before = async channel => await log.ClaimRunAsync(
            new() { Channel = channel, Token = "own", Node = "", Lease = TimeSpan.FromHours(1), Restarts = true }, default),
    };

    private static readonly (string Rule, Func<SharedLog, BrokenRunLog> Open)[] Broken =
    [
        ("Claim_OfAChannelThatDoesNotExist_MakesItAndHoldsItsRun", log => new(log) { Page = page => page with { Run = null } }),
        ("Claim_OfARunThatAnotherHolds_ReturnsTheOwners", GivesTheRunToEveryone),
        (
            "Claim_AgainWithTheSameToken_ReturnsTheRunAndRenewsItsLease",
            log => new(log) { Claim = claim => claim with { Lease = TimeSpan.Zero } }),
        ("Claim_ByManyOnThreeNodesAtOnce_HasOneOwner", GivesTheRunToEveryone),
        ("Claim_ByManyAtOnceWhenALeaseIsOver_HasOneOwner", GivesTheRunToEveryone),
        ("Claim_OfAChannelThatIsNotComplete_KeepsItsRecords", log => new(log) { Before = Does(log.Forget) }),
        ("Claim_OfACompleteChannelWithoutARun_ReturnsThatItIsComplete", AlwaysRestarts),
        ("Claim_OfARunThatIsOver_ReturnsItUnlessItRestarts", AlwaysRestarts),
        ("Claim_ThatRestarts_ChangesTheOrigin", log => new(log) { Page = page => page with { Origin = "000000000" } }),
        ("Claim_OfARunThatHasFailed_BeginsANewHistory", log => new(log) { State = _ => EventStreamRunState.Complete }),
        ("Claim_LeaseIsOverAndBothAgree_TakesTheRunOver", log => new(log) { Claim = claim => claim with { TakesOver = false } }),
        ("Claim_LeaseIsOverAndNotBothAgree_BeginsANewHistory", log => new(log) { Claim = claim => claim with { TakesOver = true } }),
        ("Claim_LeaseIsOverAndItsStopWasRequested_FindsItStopped", ForgetsStops),
        ("Lease_ThatIsNotRenewed_IsOverByItself", log => new(log) { Run = run => run with { IsLeaseOver = false } }),
        ("TakeOver_LeaseIsOver_HoldsTheRun", TakesNothingOver),
        ("TakeOver_RunIsHeldOrMayNotBeTakenOver_ChangesNothing", TakesOverByAClaim),
        ("TakeOver_RunIsOver_BeginsNoOther", TakesOverByAClaim),
        ("TakeOver_ReplacesTheTokenThatHoldsTheRun_HoldsItDuringItsLease", ReplacesNoToken),
        ("TakeOver_ReplacesATokenAfterAStopWasRequested_KeepsTheRequest", ForgetsStops),
        (
            "TakeOver_AgainWithTheTokenThatHasReplaced_ReturnsTheRunAndRenewsItsLease",
            log => new(log) { Claim = claim => claim with { Lease = TimeSpan.Zero } }),
        ("TakeOver_ReplacesATokenThatDoesNotHoldTheRun_ChangesNothing", ReplacesAnyToken),
        ("Append_WhileItsTokenIsReplaced_TheTakeoverCountsWhatIsBeforeAndNothingFollows", CountsBeforeItReplaces),
        ("Append_WithTheTokenThatHoldsTheRun_IsAppended", RefusesEveryToken),
        ("Append_LeaseIsOverButNotTaken_IsAppended", RefusesEveryToken),
        ("Append_WithAStaleToken_AppendsNothing", HasNoFence),
        ("Append_WithATokenToAChannelThatDoesNotExist_MakesNone", HasNoFence),
        ("Append_WithATokenToAChannelWithoutARun_AppendsNothing", HasNoFence),
        ("Append_AfterTakeoverEndStopOrRestart_AppendsNothing", HasNoFence),
        (
            "Append_StaleBesideOthersInOneCall_StopsNoOther",
            log => new(log) { Positions = positions => positions.Contains(null) ? new EventStreamPosition?[positions.Count] : positions }),
        ("Append_StaleWithAnIdempotencyKey_NeitherLearnsNorTakesIt", HasNoFence),
        ("Append_WhileTheRunIsTakenOver_NothingFollowsTheTakeover", HasNoFence),
        ("EndRun_ByItsOwner_CompletesTheChannelWithTheState", log => new(log) { Page = page => page with { IsComplete = false } }),
        (
            "EndRun_OfARunThatHasFailed_EveryPageSaysWhetherItsReadersAreTold",
            log => new(log) { AreReadersTold = _ => false }),
        (
            "EndAbandoned_OfARunWhoseOwnerHasDied_ItsReadersAreNotTold",
            log => new(log) { Page = page => page with { AreReadersTold = page.IsComplete } }),
        ("EndRun_Again_ChangesNothing", log => new(log) { Run = run => run with { Since = DateTimeOffset.UtcNow } }),
        (
            "EndRun_WithAStaleToken_ChangesNothing",
            log => new(log) { EndToken = async (channel, _) => (await log.ReadRunsAsync([channel], default))[0].Token! }),
        ("EndRun_OfAChannelWithoutARun_IsNull", BeginsARunToEnd),
        ("EndRun_IsHintedAtToThoseWhoHaveEveryMessage", Mute),
        ("Append_EndOfAChannelWhoseRunIsRunning_CompletesTheRun", LeavesARunRunning),
        ("Append_EndWithAFencedMessageOrOtherChannels_CompletesTheRun", LeavesARunRunning),
        (
            "Read_WhileARunEnds_ItsStateAndTheChannelsAreOfOneMoment",
            log => new(log) { Page = page => page.IsComplete ? page with { Run = EventStreamRunState.Running } : page }),
        ("RequestStop_OfARunningRun_MarksItAndItsOwnerSeesThat", ForgetsStops),
        ("RequestStop_OfARunWhoseLeaseIsOver_StopsIt", ForgetsStops),
        ("RequestStop_OfARunThatIsOver_ChangesNothing", ForgetsStops),
        ("RequestStop_OfAChannelWithoutARun_IsNull", BeginsARunToEnd),
        (
            "RequestStop_OfAnotherEpoch_ChangesNothing",
            log => new(log) { Stop = channel => log.RequestStopAsync(channel, null, default).AsTask() }),
        ("Renew_OfSeveralRuns_ReturnsThoseThatTheTokensHold", log => new(log) { Tokens = tokens => [.. tokens.Take(1)] }),
        (
            "Renew_AfterATakeover_IsOnlyOfTheNewOwner",
            log => new(log) { Renewed = (tokens, runs) => [.. tokens.Select(token => runs[0] with { Token = token })] }),
        ("Renew_ForNoTime_GivesTheRunUp", log => new(log) { Lease = _ => TimeSpan.FromHours(1) }),
        ("ReadRuns_OfNamesOrAllThatRun_ReturnsThem", log => new(log) { Found = runs => [.. runs.Where(run => !run.IsLeaseOver)] }),
        ("EndAbandoned_LeaseIsOver_EndsTheRunAfterItsPatience", log => new(log) { Patience = _ => TimeSpan.Zero }),
        ("EndAbandoned_ByManyAtOnce_EndsEachRunOnce", log => new(log) { Found = runs => [.. runs, .. runs] }),
        ("Run_ItsChannelIsDropped_IsDroppedToo", log => new(log) { Page = page => page with { Run = EventStreamRunState.Complete } }),
    ];

    public static TheoryData<string> Rules => [.. Broken.Select(each => each.Rule)];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Rules))]
    public async Task Check_LogThatBreaksTheRule_FindsIt(string rule)
    {
        var (_, open) = Broken.Single(each => each.Rule == rule);

        var check = () => LogContract.CheckAsync(rule, new SharedLogStore(new(), open));

        await check.Should().ThrowAsync<LogContractException>();
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Append_WhileTheRunIsTakenOver_NothingFollowsTheTakeover", "*appends nothing after the takeover*")]
    [InlineData(
        "Append_WhileItsTokenIsReplaced_TheTakeoverCountsWhatIsBeforeAndNothingFollows",
        "*every record of the former token is before the takeover*")]
    public async Task Check_LogThatChecksTheTokenBeforeItAppends_FindsIt(string rule, string message)
    {
        var late = new LateFenceLog(new());

        var check = () => LogContract.CheckAsync(rule, new SharedLogStore(new(), _ => late));

        await check.Should().ThrowAsync<LogContractException>().WithMessage(message);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Rules))]
    public async Task Check_LogWithoutRuns_OwesNoneOfThem(string rule) =>
        await LogContract.CheckAsync(rule, new SharedLogStore(new(), log => new BrokenLog(log)));

    private static BrokenRunLog Mute(SharedLog log)
    {
        log.IsMute = true;
        return new(log);
    }

    private static Func<string, Task> Does(Action<string> action) => channel =>
    {
        action(channel);
        return Task.CompletedTask;
    };
}
