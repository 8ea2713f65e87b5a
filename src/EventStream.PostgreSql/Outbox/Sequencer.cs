using EventStream.AspNetCore.Logs;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Hosting;
using Microsoft.Extensions.Hosting;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Moves what was published in transactions into the log once they are committed.</summary>
/// <remarks>
/// The node that published does so when it sees the commit. Each node also looks once a <see cref="PostgreSqlLogOptions.PollInterval"/>: a
/// node that published may have died, and a transaction may have stayed open for longer than that.
/// Where another node is moving, only a node that has seen a commit of its own tries again soon.
/// The other one may have looked before that commit. All others leave the rows to the node that moves.
/// </remarks>
internal sealed class Sequencer(LogDatabase database, OpenTransactions transactions, MovedMessages moved) : BackgroundService
{
    private const int MostRows = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(100);

    private readonly OutboxMove _move = new(database, moved);
    private readonly CommitWatch _watch = new(database, transactions);

    // Owned by the loop.
    private readonly Bisection _bisection = new();

    /// <summary>Moves all that is in the outbox.</summary>
    /// <returns>False if another node is moving, which may have looked before the last commit.</returns>
    internal async Task<bool> MoveAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var mayBeMore = await _move.RunAsync(_bisection.Next(MostRows), cancellationToken);
                if (_move.Taken.Count > 0) _bisection.Accept(_move.Taken.Count);
                if (mayBeMore != true) return mayBeMore is not null;
            }
            catch (Exception exception) when (FaultOfARow(exception) is { } fault && _move.Taken.Count > 0)
            {
                // A row that the database rejects must neither be lost nor hold up the others, so it is left where it is.
                if (_bisection.Reject(_move.Taken.Count)) await RefuseAsync(_move.Taken[0], fault, cancellationToken);
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Abandonment.RunAsync(LogWork.Outbox, LoopAsync, database, stoppingToken);

    private async Task LoopAsync(CancellationToken stoppingToken)
    {
        var hasCommitted = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var began = database.Time.GetTimestamp();
                if (!await MoveAllAsync(stoppingToken) && hasCommitted)
                {
                    await Task.Delay(Pause, database.Time, stoppingToken);
                    continue;
                }

                await Task.Delay(RestAfter(database.Time.GetElapsedTime(began)), database.Time, stoppingToken);
                hasCommitted = await _watch.WaitAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Noted, and logged once, where it happened. It is tried again.
                if (exception is not EventStreamLogException) database.Failed(LogWork.Outbox, exception);
                await Task.Delay(FailurePause, database.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch
            {
                return;
            }
        }
    }

    /// <summary>
    /// Moves take about a quarter of the time at most: a database that is busy gets larger moves in place of more of them.
    /// </summary>
    private static TimeSpan RestAfter(TimeSpan work) => work * 3 is var rest && rest < LongestRest ? rest : LongestRest;

    /// <summary>What is wrong with one of the rows; null if it is something else.</summary>
    private static Exception? FaultOfARow(Exception exception) => exception switch
    {
        ListLengthException => exception,
        EventStreamLogException { InnerException: { } inner } when Faults.IsOfTheRecord(inner) => inner,
        _ => null,
    };

    private async Task RefuseAsync(OutboxRow row, Exception exception, CancellationToken cancellationToken)
    {
        await _move.RefuseAsync(row, exception.Message, cancellationToken);
        Log.OutboxMessageRefused(database.Logger, exception, row.Channel, row.Id);
    }
}
