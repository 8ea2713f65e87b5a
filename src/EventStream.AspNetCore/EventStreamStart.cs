using System.ComponentModel;
using System.Globalization;
using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>Where a subscriber without a <c>Last-Event-ID</c> begins, such as on a first visit.</summary>
/// <remarks>In the app's configuration: <c>Now</c>, <c>Oldest</c>, or <c>Last(10)</c>.</remarks>
[TypeConverter(typeof(StartText))]
public readonly record struct EventStreamStart
{
    private EventStreamStart(int last) => Count = last;

    /// <summary>Begins with the next message that is published.</summary>
    public static EventStreamStart Now => default;

    /// <summary>Begins with the oldest retained message.</summary>
    public static EventStreamStart Oldest => new(int.MaxValue);

    /// <summary>How many of the retained messages come first.</summary>
    internal int Count { get; }

    /// <summary>Begins with the last retained messages.</summary>
    /// <param name="count">How many messages; fewer if fewer are retained. Not negative.</param>
    public static EventStreamStart Last(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(count);
    }

    /// <summary>The text for the app's configuration.</summary>
    public override string ToString() => Count switch
    {
        0 => nameof(Now),
        int.MaxValue => nameof(Oldest),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nameof(Last)}({Count})"),
    };
}
