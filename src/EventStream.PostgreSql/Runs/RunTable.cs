using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Following;
using EventStream.PostgreSql.Sql;
using Npgsql;

namespace EventStream.PostgreSql.Runs;

/// <summary>The runs of channels.</summary>
/// <remarks>
/// <list type="number">
/// <item>The first round trip locks the channel and its run, and reads them.</item>
/// <item>The node decides what becomes of the run.</item>
/// <item>The second round trip writes that, and commits.</item>
/// </list>
/// Each call may be repeated, so a lost connection leaves no outcome unknown. A renewal is one statement for any number of runs, and takes
/// no channel's lock.
/// </remarks>
internal sealed class RunTable(LogDatabase database) : IDisposable
{
    /// <summary>How many calls of a node use a connection at a time, beside a renewal, which must not wait for them.</summary>
    private const int MostAtOnce = 2;

    private readonly LogSql _sql = database.Sql;
    private readonly SemaphoreSlim _turns = new(MostAtOnce);

    public async ValueTask<EventStreamLogRun> ClaimAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        if (RecordText.Fault(claim) is { } fault) throw new EventStreamLogException(fault);
        while (true)
        {
            var run = await InTurnAsync((transaction, token) => TryClaimAsync(claim, transaction, token), cancellationToken);
            if (run is not null) return run;
        }
    }

    public async ValueTask<EventStreamLogRun?> TakeOverAsync(EventStreamRunClaim claim, CancellationToken cancellationToken)
    {
        if (RecordText.Fault(claim) is { } fault) throw new EventStreamLogException(fault);
        return await ChangeAsync(
            claim.Channel,
            (row, batch) =>
            {
                if (Claiming.TakesOver(claim, row)) AddHold(batch, claim);
            },
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<EventStreamLogRun>> RenewAsync(
        IReadOnlyList<string> tokens, TimeSpan lease, CancellationToken cancellationToken) =>
        await database.RunAsync(
            LogWork.Run,
            async (transaction, token) =>
            {
                await using var batch = transaction.CreateBatch();
                batch.Add(_sql.Runs.Renew).With([.. tokens]).With(lease.TotalSeconds);
                batch.Add(SessionSql.Commit);
                return RunsOf(await ReadAsync(batch, skipped: 0, transaction, token));
            },
            cancellationToken);

    public ValueTask<EventStreamLogRun?> EndAsync(
        string channel, string token, EventStreamRunState state, bool areReadersTold, CancellationToken cancellationToken) =>
        ChangeAsync(
            channel,
            (row, batch) =>
            {
                if (row.IsHeldBy(token)) AddEnd(batch, [channel], [state], areReadersTold);
            },
            cancellationToken);

    public ValueTask<EventStreamLogRun?> RequestStopAsync(string channel, string? epoch, CancellationToken cancellationToken) =>
        ChangeAsync(
            channel,
            (row, batch) =>
            {
                if (row.Run.Epoch != (epoch ?? row.Run.Epoch)) return;
                if (row.Run.IsLeaseOver) AddEnd(batch, [channel], [EventStreamRunState.Stopped]);
                else if (row.IsRunning) batch.Add(_sql.Runs.RequestStop).With(channel);
            },
            cancellationToken);

    public ValueTask<EventStreamLogRun[]> ReadAsync(IReadOnlyList<string>? channels, CancellationToken cancellationToken) =>
        InTurnAsync(
            async (transaction, token) =>
            {
                await using var batch = transaction.CreateBatch();
                if (channels is null) batch.Add(_sql.Runs.ReadRunning);
                else batch.Add(_sql.Runs.Read).With([.. channels]);
                batch.Add(SessionSql.Commit);
                return RunsOf(await ReadAsync(batch, skipped: 0, transaction, token));
            },
            cancellationToken);

    public ValueTask<EventStreamLogRun[]> EndAbandonedAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        InTurnAsync(
            async (transaction, token) =>
            {
                var seconds = patience.TotalSeconds;
                var found = await FindAbandonedAsync(seconds, transaction, token);
                return found.Length == 0 ? [] : await EndAbandonedAsync(found, seconds, transaction, token);
            },
            cancellationToken);

    public void Dispose() => _turns.Dispose();

    private static EventStreamLogRun[] RunsOf(List<RunRow> rows) => [.. rows.Where(row => row.HasRun).Select(row => row.Run)];

    /// <summary>Null if retention deleted the channel just before it was locked.</summary>
    private async ValueTask<EventStreamLogRun?> TryClaimAsync(
        EventStreamRunClaim claim, LogTransaction transaction, CancellationToken cancellationToken)
    {
        string[] channel = [claim.Channel];
        await using var locking = transaction.CreateBatch();
        AddCreate(locking, channel);
        if (await LockAsync(channel, locking, transaction, cancellationToken) is not [var row]) return null;
        var step = Claiming.StepOf(claim, row);
        if (step is ClaimStep.Join) return row.Run;
        await using var writing = transaction.CreateBatch();
        if (step is ClaimStep.Restart)
        {
            writing.Add(_sql.Retention.DropChannel).With(claim.Channel);
            AddCreate(writing, channel);
        }

        if (step is ClaimStep.Stop)
        {
            AddEnd(writing, channel, [EventStreamRunState.Stopped]);
        }
        else
        {
            AddHold(writing, claim);
        }

        var isSeen = step is ClaimStep.Stop or ClaimStep.Restart;
        return (await CommitAsync(channel, isSeen ? channel : [], writing, transaction, cancellationToken))[0].Run;
    }

    /// <summary>Changes the run of a channel under its lock, and returns it.</summary>
    private ValueTask<EventStreamLogRun?> ChangeAsync(
        string channel, Action<RunRow, NpgsqlBatch> addChange, CancellationToken cancellationToken) =>
        InTurnAsync(
            async (transaction, token) =>
            {
                await using var locking = transaction.CreateBatch();
                if (await LockAsync([channel], locking, transaction, token) is not [{ HasRun: true } row]) return null;
                await using var writing = transaction.CreateBatch();
                addChange(row, writing);
                if (writing.BatchCommands.Count == 0) return row.Run;
                return (await CommitAsync([channel], [channel], writing, transaction, token))[0].Run;
            },
            cancellationToken);

    private async ValueTask<string[]> FindAbandonedAsync(double seconds, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.Runs.FindAbandoned).With(seconds);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        List<string> channels = [];
        while (await reader.ReadAsync(cancellationToken)) channels.Add(reader.GetString(0));
        return [.. channels];
    }

    private async ValueTask<EventStreamLogRun[]> EndAbandonedAsync(
        string[] found, double seconds, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var locking = transaction.CreateBatch();
        AddLock(locking, found);
        locking.Add(_sql.Runs.ReadAbandoned).With(found).With(seconds);
        var rows = await ReadAsync(locking, skipped: 2, transaction, cancellationToken);
        string[] channels = [.. rows.Select(row => row.Run.Channel)];
        await using var writing = transaction.CreateBatch();
        AddEnd(writing, channels, [.. rows.Select(row => row.StateOfAbandoned)]);
        return RunsOf(await CommitAsync(channels, channels, writing, transaction, cancellationToken));
    }

    private void AddCreate(NpgsqlBatch batch, string[] channel) =>
        batch.Add(_sql.Append.Create).With(channel).With(Array.ConvertAll(channel, EventStreamPosition.NewEpoch));

    private void AddLock(NpgsqlBatch batch, string[] channels)
    {
        batch.Add(_sql.Append.Lock).With(channels);
        batch.Add(_sql.Runs.Lock).With(channels);
    }

    private void AddHold(NpgsqlBatch batch, EventStreamRunClaim claim) => batch.Add(_sql.Runs.Hold)
        .With(claim.Channel).With(claim.Token).With(claim.Node).With(claim.Lease.TotalSeconds).With(claim.TakesOver);

    private void AddEnd(NpgsqlBatch batch, string[] channels, EventStreamRunState[] states, bool areReadersTold = false) =>
        batch.Add(_sql.Runs.End).With(channels).With(Array.ConvertAll(states, state => (int)state)).With(areReadersTold);

    private async ValueTask<List<RunRow>> LockAsync(
        string[] channel, NpgsqlBatch batch, LogTransaction transaction, CancellationToken cancellationToken)
    {
        AddLock(batch, channel);
        batch.Add(_sql.Runs.Read).With(channel);
        return await ReadAsync(batch, skipped: 2, transaction, cancellationToken);
    }

    /// <summary>Sends a batch that writes, with the commit, and returns the runs after it.</summary>
    /// <param name="channels">The channels whose runs are returned.</param>
    /// <param name="hinted">The channels that subscribers must read.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async ValueTask<List<RunRow>> CommitAsync(
        string[] channels, string[] hinted, NpgsqlBatch batch, LogTransaction transaction, CancellationToken cancellationToken)
    {
        batch.Add(_sql.Runs.Read).With(channels);
        foreach (var channel in hinted) batch.Add(_sql.Notifications.Send).With(HintText.ReadOn(channel));
        batch.Add(SessionSql.Commit);
        return await ReadAsync(batch, skipped: 0, transaction, cancellationToken);
    }

    private static async ValueTask<List<RunRow>> ReadAsync(
        NpgsqlBatch batch, int skipped, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        for (var i = 0; i < skipped; i++) await reader.NextResultAsync(cancellationToken);
        List<RunRow> rows = [];
        while (await reader.ReadAsync(cancellationToken)) rows.Add(RunRow.Read(reader));

        // Also reads the answer of a commit.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return rows;
    }

    private async ValueTask<T> InTurnAsync<T>(
        Func<LogTransaction, CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await database.RunAsync(LogWork.Run, attempt, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }
}
