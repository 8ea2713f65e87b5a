namespace EventStream.AspNetCore.Responses;

/// <summary>Spreads what many streams would otherwise do at the same moment.</summary>
internal static class Jitter
{
    /// <summary>Up to a tenth less: for limits that must not be exceeded.</summary>
    public static TimeSpan Shorten(TimeSpan limit) => limit * (1 - (Random.Shared.NextDouble() / 10));

    /// <summary>Up to a half more: for waits that must not be cut short.</summary>
    public static TimeSpan Lengthen(TimeSpan wait) => wait * (1 + (Random.Shared.NextDouble() / 2));
}
