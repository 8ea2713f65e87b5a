using EventStream.AspNetCore.Channels;

namespace EventStream.AspNetCore.Runs;

/// <summary>The channel of the log that a run fills: each message is appended with the token that holds the run.</summary>
/// <param name="appends">Appends the messages of the run.</param>
/// <param name="end">Ends the run in the log, after its last append.</param>
internal sealed class LogRunOutput(RunAppends appends, Func<RunOutcome, Task> end) : RunOutput
{
    private readonly RunBatches _batches = new(appends.AppendAsync);

    public override Task<RunEndReason> Broken => _batches.Broken;

    public override ValueTask WriteAsync(RingEntry[] entries) => _batches.AddAsync(entries);

    public override Task FlushAsync() => _batches.FlushAsync();

    public override async Task EndAsync(RunOutcome outcome)
    {
        _batches.Close();
        appends.Close();
        await end(outcome);
        if (outcome.End != RunEndReason.HandedOver) return;

        // So that the node uses the log until a claim that is under way is answered, and given up.
        await _batches.FlushAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
