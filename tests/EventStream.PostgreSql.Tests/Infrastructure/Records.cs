using System.Text;

namespace EventStream.PostgreSql.Tests.Infrastructure;

/// <summary>Records as a channel would make them.</summary>
internal static class Records
{
    /// <summary>After which an append asks before it writes.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    public static EventStreamLogRecord Message(string channel, string text, EventStreamMetadata? metadata = null, bool replaces = false) =>
        new() { Channel = channel, Frame = Encoding.UTF8.GetBytes(text), Metadata = metadata, Replaces = replaces };

    public static EventStreamLogRecord Keyed(string channel, string text, string idempotencyKey) =>
        Message(channel, text, new() { IdempotencyKey = idempotencyKey });

    public static EventStreamLogRecord End(string channel) => new() { Channel = channel, IsEnd = true };

    /// <summary>The epoch of what a log answered.</summary>
    public static string Epoch(this EventStreamPosition? position) => position!.Value.Epoch;

    /// <summary>Another position of the same epoch.</summary>
    public static EventStreamPosition At(this EventStreamPosition? position, long sequence) => new(position.Epoch(), sequence);

    public static string[] Texts(this EventStreamLogPage page) =>
        [.. page.Records.Select(entry => Encoding.UTF8.GetString(entry.Frame.Span))];

    public static long[] Sequences(this EventStreamLogPage page) => [.. page.Records.Select(entry => entry.Sequence)];

    public static IEnumerable<long> Numbers(int count) => Enumerable.Range(1, count).Select(number => (long)number);
}
