using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>A source that never has a message, and ends when its token is cancelled.</summary>
public static class Silent
{
    public static async IAsyncEnumerable<EventStreamMessage> Forever([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }
}
