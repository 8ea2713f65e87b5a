using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Appending;

/// <summary>The connections that are kept for appends. Safe from any thread.</summary>
internal sealed class AppendLines(LogDatabase database) : IDisposable
{
    /// <summary>As many as a node has appends at a time; whoever has more at a time takes the others from the pool.</summary>
    private const int MostKept = 2;

    private readonly Lock _gate = new();

    // Both under _gate. The last one that was used is the next to be used.
    private readonly Stack<AppendLine> _kept = [];
    private bool _isClosed;

    /// <summary>Does something on a line, and again on another where that is safe and may help.</summary>
    /// <exception cref="EventStreamLogException">It could not be done.</exception>
    public ValueTask<T> RunAsync<T>(Func<AppendLine, CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken) => database.RunAsync(
        LogWork.Append,
        async token =>
        {
            var line = Take() ?? new AppendLine(database, await database.OpenAsync(token));
            try
            {
                var result = await attempt(line, token);
                if (!line.IsClean || !TryKeep(line)) await line.DisposeAsync();
                return result;
            }
            catch
            {
                // What has happened to one may have happened to all.
                Drop();
                await line.DisposeAsync();
                throw;
            }
        },
        cancellationToken);

    public void Dispose()
    {
        lock (_gate) _isClosed = true;
        Drop();
    }

    private AppendLine? Take()
    {
        lock (_gate) return _kept.TryPop(out var line) ? line : null;
    }

    private bool TryKeep(AppendLine line)
    {
        line.Answered();
        lock (_gate)
        {
            if (_isClosed || _kept.Count == MostKept) return false;
            _kept.Push(line);
            return true;
        }
    }

    private void Drop()
    {
        while (Take() is { } line) line.Dispose();
    }
}
