namespace EventStream.AI;

/// <summary>An answer failed after its readers were told so in the words of their protocol.</summary>
/// <remarks>
/// The sequences of this package throw it after their error part. So a run of the answer counts as failed and is logged, and the next call
/// of <c>hub.Run</c> starts it again. The streams of its readers end cleanly, as <see cref="EventStreamReportedException"/> says.
/// <see cref="Exception.InnerException"/> is the exception of the model or of the app.
/// </remarks>
public sealed class AnswerFailedException : EventStreamReportedException
{
    internal AnswerFailedException(Exception exception)
        : base($"The answer failed, and its readers were told so: {exception.Message}", exception)
    {
    }
}
