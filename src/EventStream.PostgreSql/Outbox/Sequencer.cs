using EventStream.AspNetCore.Logs;
using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace EventStream.PostgreSql.Outbox;

/// <summary>Moves what was published in transactions into the log once they are committed: when a notification says so, and now and then in case it was lost.</summary>
internal sealed class Sequencer(LogDatabase database, OutboxSignal signal) : BackgroundService
{
    private const int MostRows = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly OutboxMove _move = new(database);

    // Owned by the loop.
    private readonly Bisection _bisection = new();

    /// <summary>Moves all that is in the outbox, or sees another node do it.</summary>
    internal async Task MoveAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                switch (await _move.RunAsync(_bisection.Next(MostRows), cancellationToken))
                {
                    case false: return;
                    case true: _bisection.Accept(_move.Taken.Count); break;

                    // What came after the other node had looked is moved by whoever looks next.
                    case null: await Task.Delay(Pause, database.Time, cancellationToken); break;
                }
            }
            catch (Exception exception) when (FaultOfARow(exception) is { } fault && _move.Taken.Count > 0)
            {
                // A row that the database rejects must neither be lost nor hold up the others, so it is left where it is.
                if (_bisection.Reject(_move.Taken.Count)) await RefuseAsync(_move.Taken[0], fault, cancellationToken);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await MoveAllAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Noted, and logged once, where it happened. It is tried again.
                if (exception is not EventStreamLogException) database.Failed(LogWork.Outbox, exception);
            }
            catch
            {
                return;
            }

            await WaitAsync(stoppingToken);
        }
    }

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

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        using var poll = new CancellationTokenSource(database.Options.PollInterval, database.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, stoppingToken);
        await signal.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
