using System.Globalization;

namespace EventStream.Conformance.Options;

/// <summary>A time as it is typed and shown: <c>200ms</c>, <c>1.5s</c>, <c>2m</c>.</summary>
internal static class Duration
{
    // Timers of .NET accept at most some 49 days; no check needs a day.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>False for what has no unit, is not above zero, or is longer than a day.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (length, milliseconds) = text switch
        {
            [.., 'm', 's'] => (text.Length - 2, 1d),
            [.., 's'] => (text.Length - 1, 1_000d),
            [.., 'm'] => (text.Length - 1, 60_000d),
            _ => (0, 0d),
        };
        if (!double.TryParse(text.AsSpan(0, length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var total = count * milliseconds;
        if (!(total >= 1) || total > Longest.TotalMilliseconds) return false;
        duration = TimeSpan.FromMilliseconds(total);
        return true;
    }

    public static string Show(TimeSpan duration) => duration.TotalMilliseconds < 999.5
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s");
}
