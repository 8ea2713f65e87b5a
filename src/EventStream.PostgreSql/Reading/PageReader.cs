using EventStream.PostgreSql.Appending;
using EventStream.PostgreSql.Database;
using EventStream.PostgreSql.Sql;

namespace EventStream.PostgreSql.Reading;

/// <summary>Reads pages of any number of channels in one statement, so that each is of one moment.</summary>
internal sealed class PageReader(LogDatabase database)
{
    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken)
    {
        var pages = await database.RunAsync(LogWork.Read, (transaction, token) => ReadAsync(requests, transaction, token), cancellationToken);
        while (Missing(requests, pages) is { Count: > 0 } missing)
        {
            // Somebody else may be first, and then it is that one's epoch; so they are read again.
            await database.RunAsync(LogWork.Read, (transaction, token) => CreateAsync(missing.ConvertAll(place => requests[place]), transaction, token), cancellationToken);
            var created = await database.RunAsync(LogWork.Read, (transaction, token) => ReadAsync(missing.ConvertAll(place => requests[place]), transaction, token), cancellationToken);
            for (var i = 0; i < missing.Count; i++) pages[missing[i]] = created[i];
        }

        return pages;
    }

    private static List<int> Missing(IReadOnlyList<EventStreamLogRequest> requests, EventStreamLogPage[] pages) =>
        [.. Enumerable.Range(0, pages.Length).Where(place => pages[place].Epoch is null && requests[place].Create)];

    private async ValueTask<EventStreamLogPage[]> ReadAsync(IReadOnlyList<EventStreamLogRequest> requests, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        batch.Add(database.Sql.Pages.Read)
            .With([.. requests.Select(request => request.Channel)])
            .With([.. requests.Select(request => request.After)])
            .With([.. requests.Select(request => request.MaxCount)])
            .With([.. requests.Select(request => request.MaxBytes)]);
        batch.Add(SessionSql.Commit);
        await using var reader = await Faults.SameForAllAsync(transaction.ReadAsync(batch, cancellationToken));
        var pages = new EventStreamLogPage[requests.Count];
        while (await reader.ReadAsync(cancellationToken))
        {
            var place = reader.GetInt32(0) - 1;
            pages[place] ??= PageRow.Page(reader);
            if (PageRow.HasEntry(reader)) ((List<EventStreamLogEntry>)pages[place].Entries).Add(PageRow.Entry(reader));
        }

        return pages;
    }

    private async ValueTask<bool> CreateAsync(List<EventStreamLogRequest> requests, LogTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = transaction.CreateBatch();
        AppendStatements.AddCreate(batch, database.Sql.Append, [.. requests.Select(request => request.Channel)]);
        await transaction.CommitRepeatableAsync(batch, cancellationToken);
        return true;
    }
}
