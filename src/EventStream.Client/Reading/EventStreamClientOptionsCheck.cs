using System.Text;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Copies and checks the options when a reading begins.</summary>
internal static class EventStreamClientOptionsCheck
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static EventStreamClientOptions CopyOf(EventStreamClientOptions options)
    {
        var copy = options.Copy();
        copy.EventNames = copy.EventNames?.ToHashSet();
        copy.EndSentinels = copy.EndSentinels?.ToArray();
        ArgumentNullException.ThrowIfNull(copy.Method, nameof(options.Method));
        ArgumentNullException.ThrowIfNull(copy.TimeProvider, nameof(options.TimeProvider));
        Check(copy.ReconnectDelay, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(options.ReconnectDelay));
        Check(copy.MaxReconnectDelay, Instant, Day, nameof(options.MaxReconnectDelay));
        if (copy.IdleTimeout is { } idle) Check(idle, Instant, Day, nameof(options.IdleTimeout));
        if (copy.MaxAttempts is { } attempts) ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1, nameof(options.MaxAttempts));
        ArgumentOutOfRangeException.ThrowIfLessThan(copy.MaxEventBytes, 1024, nameof(options.MaxEventBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(copy.MaxEventBytes, 256 * 1024 * 1024, nameof(options.MaxEventBytes));
        if (copy.LastEventId is { } id && id.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new ArgumentException(
                "LastEventId has CR, LF or NUL. Give the LastEventId of an event that was read, or null.", nameof(options));
        }

        if (copy.LastEventId is { } position && Encoding.UTF8.GetByteCount(position) > EventParser.LongestId)
        {
            throw new ArgumentException(
                $"LastEventId has {Encoding.UTF8.GetByteCount(position)} bytes; at most {EventParser.LongestId} are allowed. "
                + "Give the LastEventId of an event that was read.",
                nameof(options));
        }

        if (copy.EndSentinels?.Any(string.IsNullOrEmpty) is true)
        {
            throw new ArgumentException(
                "EndSentinels has an entry that is null or empty. Give the data of the last event, such as \"[DONE]\".", nameof(options));
        }

        return copy;
    }

    private static void Check(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
    }
}
