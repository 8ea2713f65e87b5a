using System.Diagnostics;
using System.Globalization;

/// <summary>200 characters that begin with the time at which they were sent; all processes of a machine read the same clock.</summary>
internal static class Message
{
    private static readonly string Filling = new('x', 200);

    /// <summary>Makes one.</summary>
    /// <param name="sent">When it was sent; 0 for one that is not measured.</param>
    public static string Create(long sent)
    {
        var stamp = sent.ToString(CultureInfo.InvariantCulture);
        return $"{stamp};{Filling.AsSpan(stamp.Length + 1)}";
    }

    /// <summary>How long one was on its way.</summary>
    /// <returns>Null for one that is not measured.</returns>
    public static TimeSpan? Age(string message) =>
        long.Parse(message.AsSpan(0, message.IndexOf(';'))) is > 0 and var sent ? Stopwatch.GetElapsedTime(sent) : null;
}
