using EventStream.AspNetCore.Diagnostics;

namespace EventStream.AspNetCore.Channels;

/// <summary>A name or a pattern that was added, with what its channels share.</summary>
internal sealed class ChannelDefinition
{
    private static readonly TimeSpan PatternMaxAge = TimeSpan.FromHours(1);
    private readonly ChannelPattern? _pattern;

    public ChannelDefinition(string name, EventStreamChannelOptions options, ChannelMetrics metrics)
    {
        Name = name;
        Options = options;
        Metrics = metrics;
        _pattern = ChannelPattern.IsPattern(name) ? new ChannelPattern(name) : null;
    }

    /// <summary>The name or the pattern.</summary>
    public string Name { get; }

    public EventStreamChannelOptions Options { get; }

    public ChannelMetrics Metrics { get; }

    public bool IsPattern => _pattern is not null;

    public TimeSpan? MaxAge => Options.MaxAge ?? (IsPattern ? PatternMaxAge : null);

    public bool Matches(string name) => _pattern?.Matches(name) ?? name == Name;
}
