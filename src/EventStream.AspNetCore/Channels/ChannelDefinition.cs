using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Responses;

namespace EventStream.AspNetCore.Channels;

/// <summary>A name or a pattern that was added, with the options and services that its channels share.</summary>
internal sealed class ChannelDefinition
{
    private static readonly TimeSpan PatternMaxAge = TimeSpan.FromHours(1);
    private readonly ChannelPattern? _pattern;

    /// <summary>The error text for <see cref="HidesGaps"/>.</summary>
    public const string HiddenGaps =
        "Protocol.Gap and OnGap are both null, so a client that loses messages would not know. "
        + "Set OnGap, which sends it the state instead, or a Gap that it understands.";

    public ChannelDefinition(
        string name, EventStreamChannelOptions options, ChannelMetrics metrics, EventStreamProtocol protocol, StreamHost host, bool hasLog)
    {
        Name = name;
        Options = options;
        Host = host;
        Protocol = protocol;
        Check(protocol);
        Metrics = metrics;
        IsDurable = hasLog && !options.InMemory;
        _pattern = ChannelPattern.IsPattern(name) ? new ChannelPattern(name) : null;
    }

    /// <summary>The name or the pattern.</summary>
    public string Name { get; }

    public EventStreamChannelOptions Options { get; }

    public ChannelMetrics Metrics { get; }

    /// <summary>The protocol of its streams, if the response sets none, and of reserved names when a message is published.</summary>
    public EventStreamProtocol Protocol { get; }

    public bool IsPattern => _pattern is not null;

    /// <summary>The app's services for streams.</summary>
    public StreamHost Host { get; }

    /// <summary>Whether its messages are in a log.</summary>
    public bool IsDurable { get; }

    public TimeSpan? MaxAge => Options.MaxAge ?? (IsPattern ? PatternMaxAge : null);

    /// <summary>Whether a client that loses messages would get neither an event nor the state.</summary>
    public static bool HidesGaps(EventStreamChannelOptions options, EventStreamProtocol protocol) =>
        protocol.Gap is null && options.OnGap is null;

    /// <summary>Throws if a protocol <see cref="HidesGaps"/>.</summary>
    public void Check(EventStreamProtocol protocol)
    {
        if (!HidesGaps(Options, protocol)) return;
        throw new InvalidOperationException($"A stream of the channel '{Name}' cannot be opened: {HiddenGaps}");
    }

    public bool Matches(string name) => _pattern?.Matches(name) ?? name == Name;
}
