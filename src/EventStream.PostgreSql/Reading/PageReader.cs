using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Reading;

/// <summary>Reads pages of any number of channels in one statement, so that all are of the same moment.</summary>
internal sealed class PageReader(LogDatabase database)
{
    private readonly ChannelTags _tags = new();

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
        await database.RunAsync(LogWork.Read, (transaction, token) => ReadAsync(requests, transaction, token), cancellationToken);

    private async ValueTask<EventStreamLogPage[]> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(database.Sql.Pages.Read)
            .With([.. requests.Select(request => request.Channel)])
            .With([.. requests.Select(request => request.After)])
            .With([.. requests.Select(request => request.MaxCount)])
            .With([.. requests.Select(request => request.MaxBytes)])
            .With([.. requests.Select(request => _tags.Of(request.Channel))]);
        batch.Add(SessionSql.Commit);
        await using var reader = await Faults.SameForAllAsync(transaction.ReadAsync(batch, cancellationToken));
        var pages = new EventStreamLogPage[requests.Count];
        while (await reader.ReadAsync(cancellationToken))
        {
            var place = reader.GetInt32(0) - 1;
            pages[place] ??= PageRow.Page(reader);
            if (PageRow.HasRecord(reader)) ((List<EventStreamStoredRecord>)pages[place].Records).Add(PageRow.Record(reader));
        }

        return pages;
    }
}
