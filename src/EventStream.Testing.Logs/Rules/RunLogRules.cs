using System.Runtime.CompilerServices;

namespace EventStream.Testing.Logs.Rules;

/// <summary>The base class of a group of rules of <see cref="IEventStreamRunLog"/>.</summary>
/// <remarks>A lease of zero is over at once, so the rules need not wait for the log's clock.</remarks>
internal abstract class RunLogRules : LogRules
{
    protected static readonly TimeSpan Long = TimeSpan.FromHours(1);

    public override bool AreForThisLog => One is IEventStreamRunLog;

    protected EventStreamRunClaim Claim(string token) => new() { Channel = Name, Token = token, Node = $"node of {token}", Lease = Long };

    /// <summary>A claim whose lease is over as soon as it holds the run.</summary>
    protected EventStreamRunClaim Lapsing(string token) => Claim(token) with { Lease = TimeSpan.Zero };

    protected EventStreamLogRecord Fenced(string text, string token) => Message(text) with { RunToken = token };

    /// <summary>A position of a run's history.</summary>
    protected static EventStreamPosition At(EventStreamLogRun run, long sequence) => new(run.Epoch, sequence);

    protected Task<EventStreamLogRun> ClaimAsync(IEventStreamLog node, EventStreamRunClaim claim) =>
        InTime(Runs(node).ClaimRunAsync(claim, CancellationToken.None).AsTask());

    protected Task<EventStreamLogRun?> TakeOverAsync(IEventStreamLog node, EventStreamRunClaim claim) =>
        InTime(Runs(node).TakeOverRunAsync(claim, CancellationToken.None).AsTask());

    protected Task<IReadOnlyList<EventStreamLogRun>> RenewAsync(IEventStreamLog node, TimeSpan lease, params string[] tokens) =>
        InTime(Runs(node).RenewRunsAsync(tokens, lease, CancellationToken.None).AsTask());

    protected Task<EventStreamLogRun?> EndAsync(
        IEventStreamLog node, string token, EventStreamRunState state, bool areReadersTold = false) =>
        InTime(Runs(node).EndRunAsync(Name, token, state, areReadersTold, CancellationToken.None).AsTask());

    protected Task<EventStreamLogRun?> RequestStopAsync(IEventStreamLog node, string? epoch = null) =>
        InTime(Runs(node).RequestStopAsync(Name, epoch, CancellationToken.None).AsTask());

    /// <summary>Reads the runs of channels; null: all that are running.</summary>
    protected Task<IReadOnlyList<EventStreamLogRun>> ReadRunsAsync(IEventStreamLog node, params string[]? channels) =>
        InTime(Runs(node).ReadRunsAsync(channels, CancellationToken.None).AsTask());

    protected Task<IReadOnlyList<EventStreamLogRun>> EndAbandonedAsync(IEventStreamLog node, TimeSpan patience) =>
        InTime(Runs(node).EndAbandonedRunsAsync(patience, CancellationToken.None).AsTask());

    /// <summary>The run of the channel, which has one.</summary>
    protected async Task<EventStreamLogRun> ReadRunAsync(IEventStreamLog node)
    {
        var runs = await ReadRunsAsync(node, Name);
        Expect.Equal(runs.Count, 1, "the channel has one run");
        return runs[0];
    }

    /// <summary>Expects what a run is, without the fields that depend on the clock.</summary>
    protected static void ExpectRun(
        EventStreamLogRun? actual,
        EventStreamRunState state,
        string? token,
        string epoch,
        long newest = 0,
        bool isStopRequested = false,
        bool isLeaseOver = false,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (actual is null) throw new LogContractException($"The log returned no run.\n{what}");
        Expect.Equal(
            (actual.State, actual.Token, actual.Node, actual.Epoch, actual.Newest, actual.IsStopRequested, actual.IsLeaseOver),
            (state, token, token is null ? null : $"node of {token}", epoch, newest, isStopRequested, isLeaseOver),
            "state, token, node, epoch, newest, stop requested, lease over",
            what);
    }

    /// <summary>Expects that the channel is complete with the run's state, and that all subscribers see it.</summary>
    protected async Task ExpectOverAsync(EventStreamRunState state, long newest = 0)
    {
        foreach (var node in (IEventStreamLog[])[One, Two])
        {
            var page = await ReadAsync(node);
            Expect.Equal((page.Run, page.IsComplete, page.Newest), (state, true, newest), "run, complete, newest");
        }
    }

    /// <summary>Appends with a token, from both nodes at once, until the log refuses it. Returns when the first append has begun.</summary>
    /// <returns>The newest sequence that the appends got.</returns>
    protected async Task<Task<long>> BeginAppendingAsync(string channel, string token)
    {
        var limit = new CancellationTokenSource(Store.WaitLimit);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var appending = AtOnceAsync(3, async (node, _) =>
        {
            for (long last = 0; ;)
            {
                var append = AppendAsync(node, Fenced("old", token) with { Channel = channel });
                begun.TrySetResult();
                if ((await append)[0] is not { } position || limit.IsCancellationRequested) return last;
                last = position.Sequence;
            }
        });
        await begun.Task;
        return NewestAsync();

        async Task<long> NewestAsync()
        {
            using (limit) return (await appending).Max();
        }
    }

    private static IEventStreamRunLog Runs(IEventStreamLog node) => (IEventStreamRunLog)node;
}
