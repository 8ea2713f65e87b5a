using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Waits in real time, for all tests.</summary>
/// <remarks>A wait that lasts longer than <see cref="Limit"/> fails, and names what did not happen.</remarks>
public static class Soon
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<T> OrFail<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).OrFail(what);
        return await task;
    }

    public static async Task OrFail(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"This did not come within {Limit.TotalSeconds} s: {what}");
        }
    }

    /// <summary>Waits until a condition is true that gives no signal, such as a log line or a counter.</summary>
    /// <remarks>
    /// Between two checks, the thread pool runs the work that waits. So a condition that advances a clock does not run ahead of a slow
    /// machine.
    /// </remarks>
    public static async Task Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Limit)
            {
                throw new TimeoutException($"This was not so within {Limit.TotalSeconds} s: {what}");
            }

            await Task.Delay(5);
            for (var turn = 0; turn < 3; turn++) await Task.Yield();
        }
    }
}
