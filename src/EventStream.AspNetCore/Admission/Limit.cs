namespace EventStream.AspNetCore.Admission;

/// <summary>A limit on open streams, which is the reason of a refusal, and the value of a metric's tag.</summary>
internal enum Limit
{
    /// <summary><see cref="EventStreamLimitOptions.MaxStreams"/>.</summary>
    Total,

    /// <summary><see cref="EventStreamLimitOptions.MaxStreamsPerUser"/>.</summary>
    User,

    /// <summary><see cref="EventStreamLimitOptions.MaxStreamsPerAddress"/>.</summary>
    Address,

    /// <summary><see cref="EventStreamLimitOptions.MaxSubscribersPerChannel"/>.</summary>
    Channel,

    /// <summary><see cref="EventStreamLimitOptions.MaxOpensPerSecond"/>.</summary>
    Rate,

    /// <summary><see cref="EventStreamLimitOptions.Limiter"/>.</summary>
    App,
}
