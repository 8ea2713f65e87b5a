using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Logs;

namespace EventStream.AspNetCore.Runs;

/// <summary>The channel of the log that a run fills: each message is appended with the token that holds the run.</summary>
internal sealed class LogRunOutput : RunOutput
{
    private readonly RunBatches _batches;
    private readonly Func<RunOutcome, Task> _end;

    /// <param name="channel">The channel's name.</param>
    /// <param name="token">The token of the claim.</param>
    /// <param name="channels">The channels of this node.</param>
    /// <param name="end">Ends the run in the log, after its last append.</param>
    public LogRunOutput(string channel, string token, ChannelRegistry channels, Func<RunOutcome, Task> end)
    {
        _end = end;
        _batches = new(entries =>
        {
            // Looked up for each append, because another history may have replaced the channel's.
            var backing = (LogBacking)channels.Get(channel);
            backing.Touch();
            return backing.TryAppendAsync(entries, token);
        });
    }

    public override Task<RunEnd> Broken => _batches.Broken;

    public override ValueTask WriteAsync(RingEntry[] entries) => _batches.AddAsync(entries);

    public override Task FlushAsync() => _batches.FlushAsync();

    public override async Task EndAsync(RunOutcome outcome)
    {
        _batches.Close();
        await _end(outcome);
    }
}
