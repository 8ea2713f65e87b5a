namespace EventStream.Testing.Reading;

/// <summary>Writes the message of a failure: what was expected, what arrived, and the wire so far.</summary>
internal static class Failure
{
    /// <param name="expected">What was expected.</param>
    /// <param name="came">What happened instead.</param>
    /// <param name="wire">The wire so far.</param>
    /// <param name="standing">The clock, if the reason may be that it stands still.</param>
    /// <param name="inner">The exception that caused the failure.</param>
    public static EventStreamTestException Of(
        string expected, string came, Transcript wire, FakeTime? standing = null, Exception? inner = null)
    {
        var hint = standing is null
            ? ""
            : $"\nThe clock stands still at {FakeTime.Show(standing.Elapsed)}. Call AdvanceAsync for work that waits for time to pass.";
        return new($"Expected {expected}, but {came.TrimEnd('.')}.{hint}\nThe wire so far:\n{wire}", inner);
    }

    public static string Show(TimeSpan span) => span.TotalSeconds < 1 ? $"{span.TotalMilliseconds} ms" : $"{span.TotalSeconds} s";

    /// <summary>Describes an item, as a clause after "but".</summary>
    public static string Describe(StreamItem item) => item switch
    {
        StreamItem.Event { Value: var it } => $"an event came: {VisibleText.Of(it.Event)}, data '{VisibleText.Of(it.Data)}'",
        StreamItem.Comment { Text: var text } => $"a comment came: '{VisibleText.Of(text)}'",
        StreamItem.Retry { Value: var retry } => $"a retry came: {retry.TotalMilliseconds} ms",
        StreamItem.Position { Id: var id } => $"an id came: '{VisibleText.Of(id)}'",
        StreamItem.End { Fault: { } fault } => $"the stream was cut: {Describe(fault)}",
        StreamItem.End { IsUnfinished: true } => "the stream ended with an unfinished event, which was discarded",
        StreamItem.End => "the stream ended",
        StreamItem.Refusal { Fault: { } fault } => $"there was no answer: {Describe(fault)}",
        StreamItem.Refusal => "the answer was no stream",
        _ => "a new connection was opened",
    };

    public static string Describe(Exception fault) => $"{fault.GetType().Name}: {fault.Message}";
}
