using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>The app's channels: publishes messages, starts runs, and disconnects streams.</summary>
/// <remarks>
/// <c>AddEventStreams</c> registers it as a singleton. Safe from any thread. Code that only publishes should depend on
/// <see cref="IEventStreamPublisher"/>, which a test can replace.
/// </remarks>
public sealed class EventStreamHub : IEventStreamPublisher, IDisposable
{
    private readonly StreamHost _host;
    private readonly NodeRuns _running;

    internal EventStreamHub(IServiceProvider services)
    {
        _host = StreamHost.Of(services);
        var log = services.GetService<IEventStreamLog>();
        var options = services.GetRequiredService<IOptionsMonitor<EventStreamChannelOptions>>();
        ChannelDefinition[] definitions = [.. services.GetRequiredService<ChannelNames>().All.Select(Define)];
        var plainStreams = services.GetRequiredService<PlainStreams>();
        Registry = new(definitions, Open, ReadHistoryAsync, services.GetRequiredService<Revocations>(), plainStreams, _host.Time);
        _running = new NodeRuns(_host.Time);
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        if (log is not null)
        {
            var ofLog = services.GetRequiredService<IOptions<EventStreamLogOptions>>().Value;
            Node = new NodeLog(log, Registry, _host, ofLog, _running, scopes);
        }

        plainStreams.Lease = Node?.Presence.Lease;
        Runs = new ChannelRuns(Registry, new(Registry, _running, scopes, Node?.Presence.Name ?? NodeName.New()), Node?.Runs);
        _host.Metrics.ObserveChannels(() => Channels, () => _running.Running.Select(run => run.Channel));

        ChannelDefinition Define(string name)
        {
            var ofChannel = options.Get(name);
            var metrics = new ChannelMetrics(_host.Metrics.Meter, _host.Time, name);
            return new(name, ofChannel, metrics, _host.Format.Of(ofChannel), _host, hasLog: log is not null);
        }

        Task<KnownHistory?> ReadHistoryAsync(string channel) => Node!.ReadHistoryAsync(channel);

        ChannelBacking Open(EventStreamChannel channel) =>
            channel.Definition.IsDurable ? new LogBacking(channel, Node!) : new MemoryBacking(channel, Epochs, Node?.Presence.Lease);
    }

    /// <summary>The channels that are in use on this node now: a copy.</summary>
    /// <remarks>A channel that was added by name is in use after the first publish, subscriber or <see cref="GetChannel"/>.</remarks>
    public IReadOnlyList<EventStreamChannel> Channels => [.. Registry.All.Select(backing => backing.Channel)];

    /// <summary>The channels by their names.</summary>
    internal ChannelRegistry Registry { get; }

    /// <summary>This node's side of the log behind the channels; null if the app has no log.</summary>
    internal NodeLog? Node { get; }

    /// <summary>The runs of the app's channels.</summary>
    internal ChannelRuns Runs { get; }

    internal StreamHost Host => _host;

    /// <summary>Gets the hub of an app.</summary>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    internal static EventStreamHub Of(IServiceProvider services) => services.GetService<EventStreamHub>()
        ?? throw new InvalidOperationException("The app has no channels. Add them: builder.Services.AddEventStreams().AddChannel(…).");

    /// <summary>Gets the channel of a name; creates it if the name matches a pattern.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    public EventStreamChannel GetChannel(string name) => Registry.Get(name).Channel;

    /// <summary>Finds a channel, without creating one of a pattern.</summary>
    /// <param name="name">The name.</param>
    /// <param name="channel">The channel, if it exists.</param>
    public bool TryGetChannel(string name, [NotNullWhen(true)] out EventStreamChannel? channel)
    {
        ArgumentNullException.ThrowIfNull(name);
        channel = Registry.Find(name)?.Channel ?? (Registry.DefinitionOf(name) is { IsPattern: false } ? GetChannel(name) : null);
        return channel is not null;
    }

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<EventStreamPosition> PublishAsync(
        string channel, EventStreamMessage message, EventStreamMetadata? metadata = null, CancellationToken cancellationToken = default) =>
        GetChannel(channel).PublishAsync(message, metadata, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishAsync(
        string channel,
        EventStreamMessage message,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        GetChannel(channel).PublishAsync(message, transaction, metadata, cancellationToken);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<IReadOnlyList<EventStreamPosition>> PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        GetChannel(channel).PublishBatchAsync(messages, metadata, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishBatchAsync(
        string channel,
        IEnumerable<EventStreamMessage> messages,
        DbTransaction transaction,
        EventStreamMetadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        GetChannel(channel).PublishBatchAsync(messages, transaction, metadata, cancellationToken);

    /// <summary>Ends all streams of a user, on all nodes that share a log.</summary>
    /// <remarks>
    /// The short form of <see cref="DisconnectAsync(EventStreamSelector, CancellationToken)"/> with <see cref="EventStreamSelector.User"/>.
    /// </remarks>
    /// <param name="user">
    /// The user. Streams are found by <see cref="EventStreamSubscription.User"/>, or else by the request's claim <c>NameIdentifier</c> or
    /// <c>sub</c>; streams without any of them are not found.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the wait. On this node the streams have ended by then; on other nodes they may still end.
    /// </param>
    /// <returns>The nodes that did not confirm.</returns>
    /// <exception cref="ArgumentException"><paramref name="user"/> is empty.</exception>
    /// <exception cref="EventStreamLogException">The other nodes do not get the revocation, or may not have it.</exception>
    public Task<EventStreamDisconnectResult> DisconnectAsync(string user, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return DisconnectAsync(new EventStreamSelector { User = user }, cancellationToken);
    }

    /// <summary>Ends the streams that a selector selects, on all nodes that share a log.</summary>
    /// <remarks>
    /// <para>
    /// Call it when a user has logged out, or has lost a right. Remove the right first, and then call this. Selected streams that were
    /// authorized before end, also a stream that is just opening, and also streams of plain sources. Their clients reconnect and are
    /// authorized again: a browser that gets 401 or 403 stops.
    /// </para>
    /// <para>
    /// The call waits until every other node has ended the streams. It waits at most <see cref="EventStreamLogOptions.DisconnectTimeout"/>
    /// until the log has the revocation, and as long again for the nodes. The result names the nodes that did not confirm. Such a node
    /// delivers nothing to streams with a user or claims until it has read the revocation. Stop that node, or call again, to be certain.
    /// </para>
    /// <para>
    /// A stream without a user and without claims can be selected by its channel or its connection. A node that did not confirm may deliver
    /// to it until it has read the revocation.
    /// </para>
    /// </remarks>
    /// <param name="selector">The selector, with at least one value.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait. On this node the streams have ended by then; on other nodes they may still end.
    /// </param>
    /// <returns>
    /// The nodes that did not confirm. If it names none, no later message reaches a selected stream that was authorized before the call. A
    /// later message is one that is published after this call, or that a plain source yields after it.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// No value of <paramref name="selector"/> is set, one is empty, or no channel or pattern of its channel's name was added.
    /// </exception>
    /// <exception cref="EventStreamLogException">
    /// The log is unavailable, and the other nodes do not get the revocation. Or the log has not answered within
    /// <see cref="EventStreamLogOptions.DisconnectTimeout"/>, and the other nodes may not have it. On this node the streams have ended.
    /// </exception>
    public async Task<EventStreamDisconnectResult> DisconnectAsync(
        EventStreamSelector selector, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(selector);
        selector.Check(nameof(selector));
        if (selector.Channel is { } channel) _ = Registry.CheckedDefinitionOf(channel);
        Registry.Disconnect(selector);
        if (Node is null) return EventStreamDisconnectResult.Confirmed;
        var unconfirmed = await Node.Presence.DisconnectAsync(selector, cancellationToken);
        if (unconfirmed.Count == 0) return EventStreamDisconnectResult.Confirmed;
        Log.RevocationUnconfirmed(_host.Logger, string.Join(", ", unconfirmed), Node.Options.DisconnectTimeout);
        return new(unconfirmed);
    }

    /// <summary>Stops the timers of the channels. The app's services call it.</summary>
    public void Dispose()
    {
        Registry.Dispose();
        _running.Dispose();
    }

    /// <summary>Whether a position is of an earlier history of a channel in memory, drawn by this process.</summary>
    /// <remarks>
    /// Such a client is let in, because with 404 a browser would stop and never get its gap. A made-up position, and one of an earlier
    /// process, does not count.
    /// </remarks>
    internal bool IsOfEarlierHistory(string name, string? position) =>
        position is not null && Positions.HasEpoch(position, name, epoch => Epochs.HasDrawn(name, epoch));

    /// <summary>The epochs of the channels whose messages stay in this process.</summary>
    internal MemoryEpochs Epochs { get; } = new();
}
