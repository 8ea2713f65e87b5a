using System.Runtime.CompilerServices;

namespace ConformanceSubjects;

/// <summary>A source that never gets its one item: it waits with the token that it is given.</summary>
internal static class Idle
{
    public static async IAsyncEnumerable<T> Until<T>(
        T late, RunningSources? sources = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var running = sources?.Enter();
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield return late;
    }
}
