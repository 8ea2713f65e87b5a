using System.Diagnostics;

namespace EventStream.AspNetCore.Admission;

/// <summary>Why a stream may not open, and how long its client waits.</summary>
/// <param name="Limit">The limit that was reached.</param>
/// <param name="Wait">How long the client waits, before up to a half is added at random.</param>
internal readonly record struct Refusal(Limit Limit, TimeSpan Wait)
{
    /// <summary>The status for a client that is no browser's <c>EventSource</c>.</summary>
    /// <remarks>503 says that the server is full for every client. 429 says that this client, or all together, ask too often.</remarks>
    public int Status => Limit is Limit.Total or Limit.Channel
        ? StatusCodes.Status503ServiceUnavailable
        : StatusCodes.Status429TooManyRequests;

    /// <summary>The name of the limit in metrics.</summary>
    public string Name => NameOf(Limit);

    /// <summary>The reason, for the client.</summary>
    public string Reason => Limit switch
    {
        Limit.Total => "This server has as many streams open as it may have.",
        Limit.User => "The user of this request has as many streams open as a user may have.",
        Limit.Address => "The address of this request has as many streams open as an address may have.",
        Limit.Channel => "A channel of this request has as many subscribers as it may have.",
        Limit.Rate => "Too many streams open at the same time.",
        Limit.App => "The app's limiter refused the stream.",
        _ => throw new UnreachableException(),
    };

    public static string NameOf(Limit limit) => limit switch
    {
        Limit.Total => "total",
        Limit.User => "user",
        Limit.Address => "address",
        Limit.Channel => "channel",
        Limit.Rate => "rate",
        Limit.App => "app",
        _ => throw new UnreachableException(),
    };

    /// <summary>The option that sets a limit, for the log.</summary>
    public static string OptionOf(Limit limit) => limit switch
    {
        Limit.Total => nameof(EventStreamLimitOptions.MaxStreams),
        Limit.User => nameof(EventStreamLimitOptions.MaxStreamsPerUser),
        Limit.Address => nameof(EventStreamLimitOptions.MaxStreamsPerAddress),
        Limit.Channel => nameof(EventStreamLimitOptions.MaxSubscribersPerChannel),
        Limit.Rate => nameof(EventStreamLimitOptions.MaxOpensPerSecond),
        Limit.App => nameof(EventStreamLimitOptions.Limiter),
        _ => throw new UnreachableException(),
    };
}
