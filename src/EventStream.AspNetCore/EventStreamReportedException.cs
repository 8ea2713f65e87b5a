namespace EventStream.AspNetCore;

/// <summary>A source has failed after it told its readers so, in messages of its own.</summary>
/// <remarks>
/// <para>
/// Throw it after the last message of a sequence that has failed, or let <see cref="EventStreamSequenceExtensions.WithLastMessage"/> do so.
/// A run that throws it has failed and is logged, and the next call of <c>hub.Run</c> starts it anew. The streams of its readers end
/// cleanly, on every node. <see cref="EventStreamRunOptions.OnError"/> is not called.
/// </para>
/// <para>A stream without a run ends cleanly as well, unless <see cref="EventStreamOptions.OnError"/> is set, which decides then.</para>
/// </remarks>
public class EventStreamReportedException : Exception
{
    /// <summary>A source has failed, and its readers know.</summary>
    /// <param name="message">What has failed.</param>
    /// <param name="innerException">The exception that has made the source fail; null, the default, if there is none.</param>
    public EventStreamReportedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
