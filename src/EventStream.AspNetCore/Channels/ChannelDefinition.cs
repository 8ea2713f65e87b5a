using EventStream.AspNetCore.Diagnostics;

namespace EventStream.AspNetCore.Channels;

/// <summary>A name or a pattern that was added, with what its channels share.</summary>
internal sealed class ChannelDefinition
{
    private static readonly TimeSpan PatternMaxAge = TimeSpan.FromHours(1);
    private readonly ChannelPattern? _pattern;

    public ChannelDefinition(string name, EventStreamChannelOptions options, ChannelMetrics metrics, bool hasLog)
    {
        Name = name;
        Options = options;
        Metrics = metrics;
        IsDurable = hasLog && !options.InMemory;
        if (IsDurable && options.UseMessageIds)
        {
            throw new InvalidOperationException($"The channel '{name}' uses the messages' own ids (UseMessageIds), and the log behind the channels gives out its own. Leave its messages in this process, with InMemory, or publish them without ids.");
        }

        _pattern = ChannelPattern.IsPattern(name) ? new ChannelPattern(name) : null;
    }

    /// <summary>The name or the pattern.</summary>
    public string Name { get; }

    public EventStreamChannelOptions Options { get; }

    public ChannelMetrics Metrics { get; }

    public bool IsPattern => _pattern is not null;

    /// <summary>Whether its messages are in a log that outlives the process.</summary>
    public bool IsDurable { get; }

    public TimeSpan? MaxAge => Options.MaxAge ?? (IsPattern ? PatternMaxAge : null);

    public bool Matches(string name) => _pattern?.Matches(name) ?? name == Name;
}
