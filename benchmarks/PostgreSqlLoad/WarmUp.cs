using System.Diagnostics;
using System.Runtime;

/// <summary>Waits until what is called often is compiled for good: until then, the compiler is at work on the same cores.</summary>
internal static class WarmUp
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    // A hundredth of the time from one look to the next.
    private static readonly TimeSpan MostCompilation = Look / 100;

    /// <summary>Returns when that is so, and the timestamp of it.</summary>
    public static async Task<long> RunAsync()
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            var compiled = JitInfo.GetCompilationTime();
            await Task.Delay(Look);
            var elapsed = Stopwatch.GetElapsedTime(begin);
            var isCalm = JitInfo.GetCompilationTime() - compiled < MostCompilation;
            if (elapsed >= Longest || (elapsed >= Shortest && isCalm)) return Stopwatch.GetTimestamp();
        }
    }
}
