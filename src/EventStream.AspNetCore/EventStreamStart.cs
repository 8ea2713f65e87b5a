using System.ComponentModel;
using System.Globalization;
using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>
/// Where a subscriber without a position begins: one that has no <c>Last-Event-ID</c>, because it is here for the first time.
/// </summary>
/// <remarks>In the app's configuration: <c>Now</c>, <c>Oldest</c>, or <c>Last(10)</c>.</remarks>
[TypeConverter(typeof(StartText))]
public readonly record struct EventStreamStart
{
    private EventStreamStart(int last) => Count = last;

    /// <summary>With what is published from now on.</summary>
    public static EventStreamStart Now => default;

    /// <summary>With the oldest message that is retained.</summary>
    public static EventStreamStart Oldest => new(int.MaxValue);

    /// <summary>How many of the retained messages come first.</summary>
    internal int Count { get; }

    /// <summary>With the last messages that are retained.</summary>
    /// <param name="count">How many; fewer if there are fewer. Not negative.</param>
    public static EventStreamStart Last(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(count);
    }

    /// <summary>As it is written in the app's configuration.</summary>
    public override string ToString() => Count switch
    {
        0 => nameof(Now),
        int.MaxValue => nameof(Oldest),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nameof(Last)}({Count})"),
    };
}
