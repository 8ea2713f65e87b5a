namespace EventStream.Conformance.Options;

/// <summary>How long the checks wait.</summary>
internal sealed class Limits
{
    /// <summary>For the head of a stream that has no message yet.</summary>
    public TimeSpan Headers { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For a message that ought to come, and for an end.</summary>
    public TimeSpan Message { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest silence.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a reader pauses before it checks whether it was cut.</summary>
    public TimeSpan Stall { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>For a source to end whose client has left.</summary>
    public TimeSpan Leave { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>From SIGTERM to the end of the process.</summary>
    public TimeSpan Shutdown { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>From the start of the process until it listens.</summary>
    public TimeSpan Start { get; set; } = TimeSpan.FromSeconds(30);
}
