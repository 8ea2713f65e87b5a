namespace EventStream.PostgreSql.Runs;

/// <summary>Decides what a claim does, as <see cref="IEventStreamRunLog.ClaimRunAsync"/> says.</summary>
internal static class Claiming
{
    /// <param name="claim">The claim.</param>
    /// <param name="row">The channel and its run, under their locks.</param>
    public static ClaimStep StepOf(EventStreamRunClaim claim, RunRow row)
    {
        if (row.IsRunning) return StepOfRunning(claim, row);
        if (!row.IsComplete) return ClaimStep.Hold;
        return row.Run.State is EventStreamRunState.Failed || claim.Restarts ? ClaimStep.Restart : ClaimStep.Join;
    }

    /// <summary>Whether a claim that begins no run holds this one, as <see cref="IEventStreamRunLog.TakeOverRunAsync"/> says.</summary>
    public static bool TakesOver(EventStreamRunClaim claim, RunRow row) =>
        row.IsHeldBy(claim.Token)
            || (claim.Replaces is { } replaced && row.IsHeldBy(replaced))
            || row.Run is { IsLeaseOver: true, TakesOver: true, IsStopRequested: false };

    private static ClaimStep StepOfRunning(EventStreamRunClaim claim, RunRow row)
    {
        var run = row.Run;
        if (row.IsHeldBy(claim.Token)) return ClaimStep.Hold;
        if (!run.IsLeaseOver) return ClaimStep.Join;
        if (run.IsStopRequested) return claim.Restarts ? ClaimStep.Restart : ClaimStep.Stop;
        return run.TakesOver && claim.TakesOver ? ClaimStep.Hold : ClaimStep.Restart;
    }
}
