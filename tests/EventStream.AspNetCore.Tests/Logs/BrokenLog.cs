namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>A log with one fault: what it makes of records before they are appended, of positions, and of pages.</summary>
internal sealed class BrokenLog(IEventStreamLog log) : IEventStreamLog
{
    /// <summary>What it appends in place of a call's records: parts, each in its own append.</summary>
    public Func<IReadOnlyList<EventStreamLogRecord>, IEnumerable<EventStreamLogRecord[]>> Parts { get; init; } =
        records => [[.. records]];

    /// <summary>What it waits for between two parts.</summary>
    public Func<Task> Pause { get; init; } = () => Task.CompletedTask;

    public Func<EventStreamPosition?, EventStreamPosition?> Position { get; init; } = position => position;

    public Func<EventStreamLogPage, EventStreamLogPage> Page { get; init; } = page => page;

    public Func<EventStreamLogRequest, EventStreamLogRequest> Request { get; init; } = request => request;

    /// <summary>What becomes of a token before the log sees it.</summary>
    public Func<CancellationToken, CancellationToken> Token { get; init; } = token => token;

    public async ValueTask<IReadOnlyList<EventStreamPosition?>> AppendAsync(
        IReadOnlyList<EventStreamLogRecord> records, CancellationToken cancellationToken)
    {
        List<EventStreamPosition?> positions = [];
        foreach (var part in Parts(records))
        {
            if (positions.Count > 0) await Pause();
            positions.AddRange(await log.AppendAsync(part, Token(cancellationToken)));
        }

        return [.. positions.Select(Position)];
    }

    public async ValueTask<IReadOnlyList<EventStreamLogPage>> ReadAsync(
        IReadOnlyList<EventStreamLogRequest> requests, CancellationToken cancellationToken) =>
        [.. (await log.ReadAsync([.. requests.Select(Request)], Token(cancellationToken))).Select(Page)];

    public IAsyncEnumerable<EventStreamLogHint> FollowAsync(CancellationToken cancellationToken) =>
        log.FollowAsync(Token(cancellationToken));
}
