using EventStream.AspNetCore.Logs;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Hosting;
using Microsoft.Extensions.Hosting;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Moves the messages of committed transactions from the outbox into the log.</summary>
/// <remarks>
/// <list type="number">
/// <item>The node that published moves its messages when it sees the commit (<see cref="CommitWatch"/>).</item>
/// <item>Each node also looks once a <see cref="PostgreSqlLogOptions.PollInterval"/>. The node that published may have died, or a
/// transaction may have stayed open for longer than that.</item>
/// <item>One node moves at a time. While another node moves, only a node that has seen its own commit tries again soon. The other node may
/// have looked before that commit.</item>
/// </list>
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

    /// <summary>Moves all rows of the outbox.</summary>
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
                // A row that the database rejects must neither be lost nor block the others, so it stays and is marked.
                if (_bisection.Reject(_move.Taken.Count)) await RejectAsync(_move.Taken[0], fault, cancellationToken);
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
                // Already recorded, and logged once, where it was thrown. The loop tries again.
                if (exception is not EventStreamLogException) database.Failed(LogWork.Outbox, exception);
                await Task.Delay(FailurePause, database.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch
            {
                return;
            }
        }
    }

    /// <summary>The rest after a move, so that moves take about a quarter of the time at most.</summary>
    /// <remarks>A busy database then gets larger moves instead of more of them.</remarks>
    private static TimeSpan RestAfter(TimeSpan work) => work * 3 is var rest && rest < LongestRest ? rest : LongestRest;

    /// <summary>The error of a row; null if the failure has another cause.</summary>
    private static Exception? FaultOfARow(Exception exception) => exception switch
    {
        ListLengthException => exception,
        EventStreamLogException { InnerException: { } inner } when Faults.IsOfTheRecord(inner) => inner,
        _ => null,
    };

    private async Task RejectAsync(OutboxRow row, Exception exception, CancellationToken cancellationToken)
    {
        await _move.RejectAsync(row, exception.Message, cancellationToken);
        Log.OutboxMessageRejected(database.Logger, exception, row.Channel, row.Id);
    }
}
