namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Where the channels of a test have their messages.</summary>
public enum Kept
{
    InMemory,

    /// <summary>In a log, as much as memory would hold, and in memory the same.</summary>
    InALog,

    /// <summary>
    /// In a log, as much as memory would hold, and in memory next to nothing, so that what is replayed comes from the log.
    /// </summary>
    BeyondMemory,
}
