namespace EventStream.Testing.Logs.Rules;

/// <summary>The waits of the rules: a rule fails if its wait reaches the limit.</summary>
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
            throw new LogContractException($"The rule waited {limit.TotalSeconds} s for {what}", exception);
        }
    }
}
