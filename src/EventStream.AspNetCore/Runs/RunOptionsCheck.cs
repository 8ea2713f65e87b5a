namespace EventStream.AspNetCore.Runs;

/// <summary>Checks the options of a run.</summary>
internal static class RunOptionsCheck
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static void Check(EventStreamRunOptions options)
    {
        if (options.StopWhenUnread is not { } time || (time >= Shortest && time <= Longest)) return;
        throw new ArgumentException(
            $"EventStreamRunOptions.StopWhenUnread is {time}. Set it from {Shortest} to {Longest}, or to null for no limit.",
            nameof(options));
    }
}
