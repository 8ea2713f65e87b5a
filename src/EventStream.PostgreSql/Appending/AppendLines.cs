using EventStream.PostgreSql.Database;

namespace EventStream.PostgreSql.Appending;

/// <summary>
/// The connections that are kept for appends, and given back to the pool after a silence, because it is the pool that knows which of them
/// are old, or dead. Safe from any thread.
/// </summary>
internal sealed class AppendLines : IDisposable
{
    /// <summary>As many as a node has appends at a time; whoever has more at a time takes the others from the pool.</summary>
    private const int MostKept = 2;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly LogDatabase _database;
    private readonly ITimer _sweep;
    private readonly Lock _gate = new();

    // All under _gate. The last one that was used is the next to be used.
    private readonly List<AppendLine> _kept = [];
    private bool _isSweeping;
    private bool _isClosed;

    public AppendLines(LogDatabase database)
    {
        _database = database;
        _sweep = database.Time.CreateTimer(static lines => ((AppendLines)lines!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Does something on a line, and again on another where that is safe and may help.</summary>
    /// <exception cref="EventStreamLogException">It could not be done.</exception>
    public ValueTask<T> RunAsync<T>(Func<AppendLine, CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken) => _database.RunAsync(
        LogWork.Append,
        async token =>
        {
            var line = Take() ?? new AppendLine(_database, await _database.OpenAsync(token));
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
        _sweep.Dispose();
        Drop();
    }

    private AppendLine? Take()
    {
        while (Pop() is { } line)
        {
            if (line.IsOpen) return line;
            line.Dispose();
        }

        return null;
    }

    private bool TryKeep(AppendLine line)
    {
        line.Answered();
        lock (_gate)
        {
            if (_isClosed || _kept.Count == MostKept) return false;
            _kept.Add(line);
            SweepLater();
            return true;
        }
    }

    private void Drop()
    {
        while (Pop() is { } line) line.Dispose();
    }

    private AppendLine? Pop()
    {
        lock (_gate)
        {
            if (_kept.Count == 0) return null;
            var line = _kept[^1];
            _kept.RemoveAt(_kept.Count - 1);
            return line;
        }
    }

    private void Sweep()
    {
        List<AppendLine> silent;
        lock (_gate)
        {
            _isSweeping = false;
            silent = _kept.FindAll(line => !line.IsTrusted);
            _kept.RemoveAll(silent.Contains);
            if (_kept.Count > 0) SweepLater();
        }

        foreach (var line in silent) line.Dispose();
    }

    // Under _gate.
    private void SweepLater()
    {
        if (_isSweeping) return;
        _isSweeping = true;
        _sweep.Change(Silence, Timeout.InfiniteTimeSpan);
    }
}
