using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>
/// The one place for waits in real time: everything a test waits for comes soon, or the test fails and says what did not come.
/// </summary>
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

    /// <summary>Waits until something that gives no signal is so, such as a log line or a counter.</summary>
    /// <remarks>
    /// Between two looks, whatever the thread pool has to do has its turn: a condition that moves a clock moves it no faster than a slow
    /// machine can follow.
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
