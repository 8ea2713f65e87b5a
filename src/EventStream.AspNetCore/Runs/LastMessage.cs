namespace EventStream.AspNetCore.Runs;

/// <summary>Marks the last message of a run that has failed, so that the streams of its readers end cleanly on every node.</summary>
/// <remarks>The log has a run's state, and not whether its producer had a last word.</remarks>
internal static class LastMessage
{
    private const string Tag = "$last-message";

    /// <summary>The metadata of such a message.</summary>
    public static EventStreamMetadata Metadata { get; } = new() { Tag = Tag };

    public static bool Is(EventStreamMetadata? metadata) => metadata?.Tag is Tag;
}
