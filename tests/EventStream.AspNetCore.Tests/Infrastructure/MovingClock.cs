using System.Runtime.CompilerServices;

namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Waits in real time while a fake clock moves.</summary>
public static class MovingClock
{
    /// <summary>Moves a clock, step by step, until a task is done, and rethrows its exception.</summary>
    /// <remarks>The clock does not wait for the work of a step. So a test measures no time by it.</remarks>
    public static async Task AdvanceUntilAsync(
        this FakeTime time, Task task, TimeSpan step, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await Soon.Until(
            () =>
            {
                time.Advance(step);
                return task.IsCompleted;
            },
            $"{what}, while the clock moves");
        await task;
    }
}
