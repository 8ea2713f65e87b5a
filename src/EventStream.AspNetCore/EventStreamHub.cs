using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Logs;
using EventStream.AspNetCore.Responses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore;

/// <summary>The app's channels: where messages are published, and where runs are started that outlive their readers.</summary>
/// <remarks>
/// A singleton of the app's services, added by <c>AddEventStreams</c>. Safe from any thread. Code that only publishes depends on
/// <see cref="IEventStreamPublisher"/>, which a test can replace.
/// </remarks>
public sealed class EventStreamHub : IEventStreamPublisher, IDisposable
{
    private readonly StreamHost _host;
    private readonly ChannelRuns _runs;

    internal EventStreamHub(IServiceProvider services)
    {
        _host = StreamHost.Of(services);
        var log = services.GetService<IEventStreamLog>();
        var options = services.GetRequiredService<IOptionsMonitor<EventStreamChannelOptions>>();
        ChannelDefinition[] definitions = [.. services.GetRequiredService<ChannelNames>().All.Select(Define)];
        Registry = new(definitions, Open, services.GetRequiredService<Revocations>(), _host.Time);
        if (log is not null) Node = new NodeLog(log, Registry, _host, services.GetRequiredService<IOptions<EventStreamLogOptions>>().Value);
        _runs = new ChannelRuns(Registry, services.GetRequiredService<IServiceScopeFactory>(), _host);
        _host.Metrics.ObserveChannels(() => Channels);

        ChannelDefinition Define(string name)
        {
            var ofChannel = options.Get(name);
            var metrics = new ChannelMetrics(_host.Metrics.Meter, _host.Time, name);
            return new(name, ofChannel, metrics, _host.Format.Of(ofChannel), _host, hasLog: log is not null);
        }

        ChannelBacking Open(EventStreamChannel channel) =>
            channel.Definition.IsDurable ? new LogBacking(channel, Node!) : new MemoryBacking(channel, Epochs, Node?.Presence.Lease);
    }

    /// <summary>The channels that are in use on this node now: a copy.</summary>
    /// <remarks>A channel that was added by name is among them once it was published to, subscribed to or asked for.</remarks>
    public IReadOnlyList<EventStreamChannel> Channels => [.. Registry.All.Select(backing => backing.Channel)];

    /// <summary>The channels by their names.</summary>
    internal ChannelRegistry Registry { get; }

    /// <summary>This node's side of the log behind the channels; null where there is none.</summary>
    internal NodeLog? Node { get; }

    internal StreamHost Host => _host;

    /// <summary>The hub of an app.</summary>
    /// <exception cref="InvalidOperationException"><c>AddEventStreams</c> was not called.</exception>
    internal static EventStreamHub Of(IServiceProvider services) => services.GetService<EventStreamHub>()
        ?? throw new InvalidOperationException("There are no channels. Add them: builder.Services.AddEventStreams().AddChannel(…).");

    /// <summary>The channel of a name; one of a pattern is made if there is none.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    public EventStreamChannel GetChannel(string name) => Registry.Get(name).Channel;

    /// <summary>Finds a channel without making one of a pattern.</summary>
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

    /// <summary>Ends all streams of channels that a user has open, on all nodes that share a log.</summary>
    /// <remarks>
    /// <para>
    /// For a user who has logged out, or has lost a right. Take the right away first, and then call this. A stream that was opened with the
    /// old right ends, also one that is just opening. Its client comes back, and is authorized anew: a browser that gets 401 or 403 stops.
    /// </para>
    /// <para>
    /// On other nodes it waits until each has ended the streams. It waits for <see cref="EventStreamLogOptions.DisconnectTimeout"/> at most
    /// until the log has the revocation, and as long again for the nodes. A node that did not confirm is named in the result. It delivers
    /// nothing to named users until it has read of the revocation. Stop that node, or call again, to be certain.
    /// </para>
    /// </remarks>
    /// <param name="user">
    /// The user, as in <see cref="EventStreamSubscription.User"/>: without one, the request's claim <c>NameIdentifier</c>, or else
    /// <c>sub</c>. A user that has neither claim is not found by this.
    /// </param>
    /// <param name="cancellationToken">
    /// Gives up waiting. On this node the streams have ended then; on the others they may still end.
    /// </param>
    /// <returns>
    /// The nodes that did not confirm. If there are none, no message that is published from then on reaches a stream that was authorized
    /// before the call.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="user"/> is empty.</exception>
    /// <exception cref="EventStreamLogException">
    /// The log cannot be reached, and the other nodes were not told. Or it has not answered within
    /// <see cref="EventStreamLogOptions.DisconnectTimeout"/>, and they may not know. On this node the streams have ended.
    /// </exception>
    public async Task<EventStreamDisconnectResult> DisconnectAsync(string user, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        Registry.Disconnect(user);
        if (Node is null) return EventStreamDisconnectResult.Confirmed;
        var unconfirmed = await Node.Presence.DisconnectAsync(user, cancellationToken);
        if (unconfirmed.Count == 0) return EventStreamDisconnectResult.Confirmed;
        Log.RevocationUnconfirmed(_host.Logger, string.Join(", ", unconfirmed), Node.Options.DisconnectTimeout);
        return new(unconfirmed);
    }

    /// <summary>
    /// Starts a producer that outlives its reader, or joins the one that runs: what it yields is published to the channel, with and without
    /// subscribers; when it ends, the channel is complete.
    /// </summary>
    /// <remarks>
    /// <c>Results.EventStream(() => hub.Run($"answers/{id}", (services, stop) => Answer(id, services, stop)))</c>: the first request starts
    /// it, a reload resumes in the middle, and a client that has read it to the end does not start it again. A run that throws cuts its
    /// readers, is logged, and its channel is dropped: the next call starts it anew.
    /// </remarks>
    /// <param name="channel">The channel's name, one for each run: <c>answers/{id}</c> is a pattern for them.</param>
    /// <param name="source">
    /// From services, whose scope lives as long as the run and not as the request, and a token that is cancelled when the host stops, to
    /// the messages. Called once for all calls with the same name, until the channel is dropped.
    /// </param>
    /// <returns>The channel, whose subscribers begin with the first message.</returns>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    public EventStreamChannel Run(string channel, Func<IServiceProvider, CancellationToken, IAsyncEnumerable<EventStreamMessage>> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return _runs.StartOrJoin(channel, source, static (target, message) => target.PublishAsync(message));
    }

    /// <summary>The same for a producer of values: each becomes a message, as in <see cref="EventStreamPublisherExtensions"/>.</summary>
    /// <param name="channel">The channel's name, one for each run.</param>
    /// <param name="source">From services of the run's own and a token that is cancelled when the host stops to the values.</param>
    /// <param name="eventName">The name of the events. Null, the default, is the default event.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    /// <returns>The channel, whose subscribers begin with the first value.</returns>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    public EventStreamChannel Run<T>(
        string channel,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<T>> source,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return _runs.StartOrJoin(channel, source, (target, value) => target.PublishAsync(value, metadata: null, eventName, jsonTypeInfo));
    }

    /// <summary>Stops the timers of the channels. Called by the app's services.</summary>
    public void Dispose() => Registry.Dispose();

    /// <summary>Whether the client was here in an earlier history of a channel in memory.</summary>
    /// <remarks>
    /// A browser that gets 404 would never learn of its gap. A made-up position, and one of an earlier process, prove nothing.
    /// </remarks>
    internal bool WasHere(string name, string? position) =>
        position is not null && Positions.HasEpoch(position, name, epoch => Epochs.HasDrawn(name, epoch));

    /// <summary>The epochs of the channels whose messages stay in this process.</summary>
    internal MemoryEpochs Epochs { get; } = new();
}
