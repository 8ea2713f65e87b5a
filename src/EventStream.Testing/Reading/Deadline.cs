namespace EventStream.Testing.Reading;

/// <summary>How long one call may wait in all, in real time, however many waits it is made of.</summary>
/// <param name="span">The time from now on.</param>
internal readonly struct Deadline(TimeSpan span)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();

    public TimeSpan Span { get; } = span;

    /// <summary>What is left; zero or less when it has passed.</summary>
    public TimeSpan Left => Span - TimeProvider.System.GetElapsedTime(_started);
}
