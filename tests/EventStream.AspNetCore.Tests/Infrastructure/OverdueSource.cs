using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Sources that yield "first", and "too late" after their stream had to end.</summary>
internal sealed class OverdueSource
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _blocks = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when <see cref="AfterABlock"/> blocks.</summary>
    public Task Blocks => _blocks.Task;

    /// <summary>Completes when the token of <see cref="WhenReleased"/> is cancelled.</summary>
    public Task Cancelled => _cancelled.Task;

    /// <summary>Lets both go on.</summary>
    public void Release()
    {
        _release.Set();
        _goOn.TrySetResult();
    }

    /// <summary>Yields it as soon as its token is cancelled.</summary>
    public static async IAsyncEnumerable<EventStreamMessage> WhenCancelled([EnumeratorCancellation] CancellationToken stop = default)
    {
        yield return new() { Data = "first" };
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        yield return new() { Data = "too late" };
    }

    /// <summary>Blocks its thread after the first message, and yields it after <see cref="Release"/>.</summary>
    public async IAsyncEnumerable<EventStreamMessage> AfterABlock([EnumeratorCancellation] CancellationToken stop = default)
    {
        await Task.Yield();
        yield return new() { Data = "first" };
        _blocks.SetResult();
        _release.Wait(Soon.Limit, CancellationToken.None);
        yield return new() { Data = "too late" };
        await Task.Delay(Timeout.Infinite, stop);
    }

    /// <summary>Yields it after its token is cancelled, and after <see cref="Release"/>.</summary>
    public async IAsyncEnumerable<EventStreamMessage> WhenReleased([EnumeratorCancellation] CancellationToken stop = default)
    {
        yield return new() { Data = "first" };
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cancelled.SetResult();
        await _goOn.Task;
        yield return new() { Data = "too late" };
    }
}
