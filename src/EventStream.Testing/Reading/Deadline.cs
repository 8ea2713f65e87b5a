namespace EventStream.Testing.Reading;

/// <summary>The real-time limit of one call, for all its waits together.</summary>
/// <param name="span">The time from now on.</param>
internal readonly struct Deadline(TimeSpan span)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();

    public TimeSpan Span { get; } = span;

    /// <summary>The time that is left; zero or less when it has passed.</summary>
    public TimeSpan Left => Span - TimeProvider.System.GetElapsedTime(_started);
}
