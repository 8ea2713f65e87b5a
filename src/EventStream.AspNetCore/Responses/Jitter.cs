namespace EventStream.AspNetCore.Responses;

/// <summary>Spreads times at random, so that many streams do not act at the same moment.</summary>
internal static class Jitter
{
    /// <summary>Shortens a limit, which must not be exceeded, by up to a tenth.</summary>
    public static TimeSpan Shorten(TimeSpan limit) => limit * (1 - (Random.Shared.NextDouble() / 10));

    /// <summary>Gets a moment of a window, each as likely as any other.</summary>
    public static TimeSpan Within(TimeSpan window) => window * Random.Shared.NextDouble();

    /// <summary>Lengthens a wait, which must not be cut short, by up to a half.</summary>
    public static TimeSpan Lengthen(TimeSpan wait) => wait * (1 + (Random.Shared.NextDouble() / 2));
}
