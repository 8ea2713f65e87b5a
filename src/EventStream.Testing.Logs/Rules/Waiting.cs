namespace EventStream.Testing.Logs.Rules;

/// <summary>The one place for waits: what a rule waits for comes in time, or the rule is broken.</summary>
internal static class Waiting
{
    public static async Task<T> WithinAsync<T>(this Task<T> task, TimeSpan limit, string what)
    {
        await ((Task)task).WithinAsync(limit, what);
        return await task;
    }

    public static async Task WithinAsync(this Task task, TimeSpan limit, string what)
    {
        try
        {
            await task.WaitAsync(limit);
        }
        catch (TimeoutException exception) when (!task.IsCompleted)
        {
            throw new LogContractException($"This did not come within {limit.TotalSeconds} s: {what}", exception);
        }
    }
}
