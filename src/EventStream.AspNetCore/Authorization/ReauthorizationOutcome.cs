namespace EventStream.AspNetCore.Authorization;

/// <summary>What a check of a stream's rights has found, which is also the value of a metric's tag.</summary>
internal enum ReauthorizationOutcome
{
    /// <summary>The user may still read the stream.</summary>
    Allowed,

    /// <summary>The user may not read the stream any more.</summary>
    Refused,

    /// <summary>The check threw, or took too long, and decided nothing.</summary>
    Failed,
}
