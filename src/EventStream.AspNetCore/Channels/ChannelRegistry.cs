using System.Collections.Concurrent;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Channels;

/// <summary>The channels of this node by name: finds, creates and drops them.</summary>
/// <remarks>
/// The next call after a channel is retired creates its successor. So callers look a channel up for each use, and again if it was retired
/// meanwhile. Any thread may call any member.
/// </remarks>
/// <param name="definitions">The names and patterns that were added, in their order.</param>
/// <param name="open">Creates the backing of a channel: in memory, or in a log.</param>
/// <param name="readHistory">Reads the history that the log has of a channel; null if it has none. Called only for durable ones.</param>
/// <param name="revocations">The revocations of this process.</param>
/// <param name="plainStreams">The streams that read no channel.</param>
/// <param name="time">The app's clock.</param>
internal sealed class ChannelRegistry(
    ChannelDefinition[] definitions,
    Func<EventStreamChannel, ChannelBacking> open,
    Func<string, Task<KnownHistory?>> readHistory,
    Revocations revocations,
    PlainStreams plainStreams,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ChannelBacking> _backings = new(StringComparer.Ordinal);

    // Removed because their run has failed, or begins anew. They may have subscribers, or get one by a handle of the run.
    private readonly ConcurrentDictionary<ChannelBacking, bool> _detached = [];
    private readonly Lock _adding = new();
    private ITimer? _sweeping;
    private int _isSweeping;

    /// <summary>The current channels: a copy.</summary>
    public IReadOnlyList<ChannelBacking> All => [.. _backings.Values.Where(backing => !backing.IsRetired)];

    public Revocations Revocations => revocations;

    /// <summary>The subscribers that wait for a channel to be loaded.</summary>
    public OpeningList Openings { get; } = new();

    private IEnumerable<ChannelBacking> WithSubscribers => _backings.Values.Concat(_detached.Keys);

    /// <summary>Gets the channel of a name; creates it if there is none.</summary>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    public ChannelBacking Get(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        while (true)
        {
            if (!_backings.TryGetValue(name, out var backing)) backing = Add(name);
            if (!backing.IsRetired) return backing;
            Remove(backing);
        }
    }

    /// <summary>Finds the channel of a name; null if it is not in use.</summary>
    public ChannelBacking? Find(string name) => _backings.TryGetValue(name, out var backing) && !backing.IsRetired ? backing : null;

    /// <summary>Finds the channel of a name, and those of earlier runs that have left the name free.</summary>
    public IEnumerable<ChannelBacking> AllOf(string name) => WithSubscribers.Where(backing => backing.Name == name);

    /// <summary>Finds the history that a channel has now, for a client that has a position.</summary>
    /// <remarks>It asks the log, unless this node knows the history, and the position is of that one.</remarks>
    /// <param name="name">The channel's name.</param>
    /// <param name="definition">The channel's definition.</param>
    /// <param name="lastEventId">The client's position.</param>
    /// <returns>The history; null if there is none.</returns>
    /// <exception cref="EventStreamLogException">The log is unavailable, or rejects the read.</exception>
    public ValueTask<KnownHistory?> FindHistoryAsync(string name, ChannelDefinition definition, string lastEventId)
    {
        var known = Find(name)?.Known;
        var isEnough = !definition.IsDurable || (known is not null && Positions.AreOver(lastEventId, [known]));
        return isEnough ? new(known) : new(readHistory(name));
    }

    /// <summary>Finds the definition of a name: its own, or the first pattern that it matches; null if there is none.</summary>
    public ChannelDefinition? DefinitionOf(string name) =>
        Array.Find(definitions, definition => !definition.IsPattern && definition.Name == name)
            ?? Array.Find(definitions, definition => definition.IsPattern && definition.Matches(name));

    /// <summary>Gets the definition of a name.</summary>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    public ChannelDefinition CheckedDefinitionOf(string name)
    {
        ChannelPattern.CheckName(name);
        return DefinitionOf(name) ?? throw Unknown(name);
    }

    /// <summary>Finds the definition that an endpoint of a pattern serves: its own, or the first that matches all of its names.</summary>
    public ChannelDefinition? DefinitionOfPattern(string pattern) =>
        Array.Find(definitions, definition => definition.IsPattern && ChannelPattern.AreAlike(definition.Name, pattern))
            ?? Array.Find(definitions, definition => definition.IsPattern && definition.Matches(pattern));

    /// <summary>Whether this node knows that a channel exists: it was added by name, or its pattern's channel was published to.</summary>
    public bool Exists(string name, ChannelDefinition definition) => !definition.IsPattern || Find(name) is { Exists: true };

    /// <summary>Removes a channel whose run has failed or begins anew, so that the next call creates another.</summary>
    /// <remarks>Its subscribers still read it to its end.</remarks>
    public void Detach(ChannelBacking backing)
    {
        _detached[backing] = true;
        Remove(backing);
        StartSweeping();
    }

    /// <summary>Removes a channel of a pattern after its last subscriber has left, if it never had a message.</summary>
    public void Release(ChannelBacking backing)
    {
        if (backing.Definition.IsPattern && backing.TryRetireUnbegun()) Remove(backing);
    }

    /// <summary>Wakes all streams of this node that wait for a message, or for the lease.</summary>
    public void WakeAll()
    {
        foreach (var channel in WithSubscribers) channel.Subscribers.Wake();
        plainStreams.Wake();
    }

    /// <summary>Ends streams of this node: step 4 of <see cref="Channels.Revocations"/>.</summary>
    /// <param name="selector">The selector of the streams; null: every stream, but not the app's loops without a user.</param>
    public void Disconnect(EventStreamSelector? selector)
    {
        var revocation = revocations.Add(selector);
        Openings.End(revocation);
        foreach (var channel in WithSubscribers)
        {
            channel.Subscribers.End(revocation.EndReason, subscriber => revocation.Selects(subscriber.Stream));
        }

        plainStreams.End(revocation);
    }

    /// <summary>Evicts messages that are too old, and drops idle channels of patterns.</summary>
    /// <remarks>Called once a second, if a channel needs it.</remarks>
    public void Sweep()
    {
        foreach (var backing in _backings.Values)
        {
            if (backing.Definition.MaxAge is { } age) backing.History?.EvictOlderThan(time.GetTimestamp() - time.TimestampsIn(age));
            if (backing.Definition.IsPattern && backing.TryRetireIdle()) Remove(backing);
        }

        foreach (var backing in _detached.Keys)
        {
            if (backing.TryRetireIdle()) _detached.TryRemove(backing, out _);
        }
    }

    public void Dispose() => _sweeping?.Dispose();

    private ChannelBacking Add(string name)
    {
        // One at a time, because two channels of a name that are created at once would draw the same epoch.
        lock (_adding)
        {
            if (_backings.TryGetValue(name, out var backing)) return backing;
            var definition = CheckedDefinitionOf(name);
            if (definition.MaxAge is not null) StartSweeping();
            return _backings[name] = open(new(this, name, definition));
        }
    }

    private void StartSweeping()
    {
        lock (_adding)
        {
            _sweeping ??= AppTimer.Create(time, static registry => ((ChannelRegistry)registry!).SweepOnce(), this, SweepInterval);
        }
    }

    private void Remove(ChannelBacking backing) => _backings.TryRemove(new(backing.Name, backing));

    private void SweepOnce()
    {
        if (Interlocked.Exchange(ref _isSweeping, 1) != 0) return;
        Sweep();
        Volatile.Write(ref _isSweeping, 0);
    }

    private static ArgumentException Unknown(string name) =>
        new(
            $"There is no channel '{name}'. "
            + $"Add it, or a pattern that it matches: builder.Services.AddEventStreams().AddChannel(\"{name}\"). "
            + "Names are compared by ordinal, and a placeholder matches text without a slash.",
            nameof(name));
}
