using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Retention;

/// <summary>
/// One look at all channels. First readers are told that messages are gone, then they are deleted, a thousand at a time; each transaction
/// under the lock by which one node at a time does it.
/// </summary>
internal sealed class RetentionSweep(LogDatabase database)
{
    private readonly RetentionRules _rules = new(database.Options);
    private readonly RetentionSql _sql = database.Sql.Retention;
    private readonly NodeLock _lock = new(database, "retention");

    internal int MostChannels { get; init; } = 500;

    internal int MostMessages { get; init; } = 1000;

    /// <summary>Deletes what is not to be kept; ends early where another node is at it.</summary>
    /// <returns>How many messages and channels were deleted.</returns>
    public async ValueTask<(long Messages, int Channels)> RunAsync(CancellationToken cancellationToken)
    {
        var (messages, channels, after) = (0L, 0, 0L);
        while (await RunAsync((transaction, token) => DropAsync(after, transaction, token), cancellationToken) is { } page)
        {
            while (page.Dropped.Length > 0 && await RunAsync((transaction, token) => DeleteAsync(page.Dropped, transaction, token), cancellationToken) is { } deleted)
            {
                messages += deleted;
                if (deleted < MostMessages) break;
            }

            channels += await RunAsync((transaction, token) => ForgetAsync(page.Channels, transaction, token), cancellationToken) ?? 0;
            if (page.Channels.Ids.Length < MostChannels) break;
            after = page.Channels.Ids[^1];
        }

        if (messages > 0 || channels > 0) Log.Retained(database.Logger, messages, channels);
        return (messages, channels);
    }

    /// <summary>Null if another node has the lock.</summary>
    private ValueTask<T?> RunAsync<T>(Func<LogTransaction, CancellationToken, ValueTask<T?>> attempt, CancellationToken cancellationToken) =>
        database.RunAsync(LogWork.Retention, async (transaction, token) => await _lock.TryTakeAsync(transaction, token) ? await attempt(transaction, token) : default, cancellationToken);

    private async ValueTask<Page?> DropAsync(long after, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var channels = new KeptChannels(await ReadChannelsAsync(after, transaction, cancellationToken), _rules);
        var dropped = channels.Ids.Length == 0 ? [] : await FindDoomedAsync(channels, transaction, cancellationToken);
        var news = Array.FindAll(dropped, messages => messages.IsNew);
        if (news.Length == 0) return new(channels, dropped);
        var ids = Array.ConvertAll(news, messages => messages.Channel);
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.Lock).With(ids);
        batch.Add(_sql.Drop).With(ids).With(Array.ConvertAll(news, messages => messages.Through));
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return new(channels, dropped);
    }

    private async ValueTask<List<(long, string)>> ReadChannelsAsync(long after, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.ReadChannels).With(after).With(MostChannels);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        List<(long, string)> channels = [];
        while (await reader.ReadAsync(cancellationToken)) channels.Add((reader.GetInt64(0), reader.GetString(1)));
        return channels;
    }

    private async ValueTask<DroppedMessages[]> FindDoomedAsync(KeptChannels channels, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.FindDoomed).With(channels.Ids).With(channels.Seconds).With(channels.Counts).With(channels.Bytes);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        List<DroppedMessages> dropped = [];
        while (await reader.ReadAsync(cancellationToken)) dropped.Add(new(reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2)));
        return [.. dropped];
    }

    private async ValueTask<int?> DeleteAsync(DroppedMessages[] dropped, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        var deletion = batch.Add(_sql.Delete)
            .With(Array.ConvertAll(dropped, messages => messages.Channel))
            .With(Array.ConvertAll(dropped, messages => messages.Through))
            .With(MostMessages);
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return (int)deletion.Rows;
    }

    private async ValueTask<int?> ForgetAsync(KeptChannels channels, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        var deletion = batch.Add(_sql.Forget).With(channels.Ids).With(channels.Seconds);
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return (int)deletion.Rows;
    }

    private sealed record Page(KeptChannels Channels, DroppedMessages[] Dropped);
}
