using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Diagnostics;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Retention;

/// <summary>Applies the retention to all channels, one node at a time.</summary>
/// <remarks>
/// <list type="number">
/// <item>Evict: a transaction moves the channels' oldest positions forward, so subscribers no longer get the messages.</item>
/// <item>Delete: further transactions delete the messages, a thousand at a time.</item>
/// <item>A last transaction deletes the channels that have been empty for long.</item>
/// </list>
/// Each transaction takes the lock by which one node at a time works.
/// </remarks>
internal sealed class RetentionSweep(LogDatabase database)
{
    private readonly RetentionRules _rules = new(database.Options);
    private readonly RetentionSql _sql = database.Sql.Retention;
    private readonly NodeLock _lock = new(database, "retention");

    internal int MostChannels { get; init; } = 500;

    internal int MostMessages { get; init; } = 1000;

    /// <summary>Deletes messages and channels beyond the retention; ends early if another node is at work.</summary>
    /// <returns>How many messages and channels were deleted.</returns>
    public async ValueTask<(long Messages, int Channels)> RunAsync(CancellationToken cancellationToken)
    {
        var (messages, channels, after) = (0L, 0, 0L);
        while (await RunAsync((transaction, token) => EvictAsync(after, transaction, token), cancellationToken) is { } page)
        {
            while (page.Evicted.Length > 0)
            {
                var deleted = await RunAsync((transaction, token) => DeleteAsync(page.Evicted, transaction, token), cancellationToken);
                messages += deleted ?? 0;
                if (deleted is null || deleted < MostMessages) break;
            }

            channels += await RunAsync((transaction, token) => DeleteChannelsAsync(page.Channels, transaction, token), cancellationToken)
                ?? 0;
            if (page.Channels.Ids.Length < MostChannels) break;
            after = page.Channels.Ids[^1];
        }

        if (messages > 0 || channels > 0) Log.Retained(database.Logger, messages, channels);
        return (messages, channels);
    }

    /// <summary>Null if another node has the lock.</summary>
    private ValueTask<T?> RunAsync<T>(
        Func<LogTransaction, CancellationToken, ValueTask<T?>> attempt, CancellationToken cancellationToken) =>
        database.RunAsync(
            LogWork.Retention,
            async (transaction, token) =>
                await _lock.TryTakeAsync(transaction, token) ? await attempt(transaction, token) : default,
            cancellationToken);

    private async ValueTask<Page?> EvictAsync(long after, LogTransaction transaction, CancellationToken cancellationToken)
    {
        var channels = new ChannelRetentions(await ReadChannelsAsync(after, transaction, cancellationToken), _rules);
        var evicted = channels.Ids.Length == 0 ? [] : await FindExpiredAsync(channels, transaction, cancellationToken);
        var news = Array.FindAll(evicted, messages => messages.IsNew);
        if (news.Length == 0) return new(channels, evicted);
        var ids = Array.ConvertAll(news, messages => messages.Channel);
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.Lock).With(ids);
        batch.Add(_sql.Evict).With(ids).With(Array.ConvertAll(news, messages => messages.Through));
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return new(channels, evicted);
    }

    private async ValueTask<List<(long, string)>> ReadChannelsAsync(
        long after, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.ReadChannels).With(after).With(MostChannels);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        List<(long, string)> channels = [];
        while (await reader.ReadAsync(cancellationToken)) channels.Add((reader.GetInt64(0), reader.GetString(1)));
        return channels;
    }

    private async ValueTask<EvictedMessages[]> FindExpiredAsync(
        ChannelRetentions channels, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(_sql.FindExpired).With(channels.Ids).With(channels.Seconds).With(channels.Counts).With(channels.Bytes);
        await using var reader = await transaction.ReadAsync(batch, cancellationToken);
        List<EvictedMessages> evicted = [];
        while (await reader.ReadAsync(cancellationToken)) evicted.Add(new(reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2)));
        return [.. evicted];
    }

    private async ValueTask<int?> DeleteAsync(EvictedMessages[] evicted, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        var deletion = batch.Add(_sql.Delete)
            .With(Array.ConvertAll(evicted, messages => messages.Channel))
            .With(Array.ConvertAll(evicted, messages => messages.Through))
            .With(MostMessages);
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return (int)deletion.Rows;
    }

    private async ValueTask<int?> DeleteChannelsAsync(
        ChannelRetentions channels, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        var deletion = batch.Add(_sql.DeleteChannels).With(channels.Ids).With(channels.Seconds);
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return (int)deletion.Rows;
    }

    private sealed record Page(ChannelRetentions Channels, EvictedMessages[] Evicted);
}
