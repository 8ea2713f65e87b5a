using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using EventStream.AspNetCore.Runs;

namespace EventStream.AspNetCore;

/// <summary>Runs: producers that write to a channel of their own, and outlive the request that has started them.</summary>
/// <remarks>
/// On a channel of a log, a run is known on every node: one node produces, every node joins it, reads it, and can stop it. That needs a log
/// that is an <see cref="IEventStreamRunLog"/>. On a channel in memory, a run is known to its own process alone.
/// </remarks>
public static class EventStreamHubRunExtensions
{
    /// <summary>Makes a run of messages, which starts when a stream of it opens, or when it is started.</summary>
    /// <remarks>
    /// <para>
    /// The endpoint returns <c>Results.EventStream(() => hub.Run($"answers/{id}", (services, stop) => Answer(id, stop)))</c>. The first
    /// request starts the run, and a later one joins it and resumes in the middle. A client that has read the run to its end does not start
    /// it again. <c>await hub.Run(…).StartAsync()</c> starts it without a stream.
    /// </para>
    /// <para>
    /// The run publishes each of its messages to the channel, with or without subscribers, and completes the channel when it ends.
    /// </para>
    /// </remarks>
    /// <param name="hub">The hub.</param>
    /// <param name="channel">The channel's name: <c>answers/{id}</c> is a pattern for them.</param>
    /// <param name="source">
    /// Returns the messages. It gets services, whose scope ends with the run, and a token that is cancelled when the run must stop. It is
    /// called once for all calls with the same name.
    /// </param>
    /// <param name="options">How the run behaves; null, the default: as <see cref="EventStreamRunOptions"/> has it.</param>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The channel is in a log that holds no runs.</exception>
    [OverloadResolutionPriority(1)]
    public static EventStreamRunRequest Run(
        this EventStreamHub hub,
        string channel,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<EventStreamMessage>> source,
        EventStreamRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return RequestOf(hub, channel, RunProducers.Of<EventStreamMessage>(context => source(context.Services, context.Stop)), options);
    }

    /// <summary>Makes a run of messages whose producer can continue where another node has stopped.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="source">Returns the messages that follow those which are there.</param>
    /// <param name="options">How the run behaves; null, the default: as <see cref="EventStreamRunOptions"/> has it.</param>
    [OverloadResolutionPriority(1)]
    public static EventStreamRunRequest Run(
        this EventStreamHub hub,
        string channel,
        Func<EventStreamRunContext, IAsyncEnumerable<EventStreamMessage>> source,
        EventStreamRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return RequestOf(hub, channel, RunProducers.Of(source), options);
    }

    /// <summary>Makes a run of values; each becomes a message, as in <see cref="EventStreamPublisherExtensions"/>.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="source">Returns the values.</param>
    /// <param name="options">How the run behaves; null, the default: as <see cref="EventStreamRunOptions"/> has it.</param>
    /// <param name="eventName">The name of the events. Null, the default, is the default event.</param>
    /// <param name="jsonTypeInfo">The JSON contract; null, the default, takes it from the app's options.</param>
    /// <typeparam name="T">The type whose contract is used.</typeparam>
    public static EventStreamRunRequest Run<T>(
        this EventStreamHub hub,
        string channel,
        Func<IServiceProvider, CancellationToken, IAsyncEnumerable<T>> source,
        EventStreamRunOptions? options = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var producer = RunProducers.Of<T>(context => source(context.Services, context.Stop), eventName, jsonTypeInfo);
        return RequestOf(hub, channel, producer, options);
    }

    /// <inheritdoc cref="Run{T}(EventStreamHub, string, Func{IServiceProvider, CancellationToken, IAsyncEnumerable{T}},
    /// EventStreamRunOptions?, string?, JsonTypeInfo{T}?)"/>
    public static EventStreamRunRequest Run<T>(
        this EventStreamHub hub,
        string channel,
        Func<EventStreamRunContext, IAsyncEnumerable<T>> source,
        EventStreamRunOptions? options = null,
        string? eventName = null,
        JsonTypeInfo<T>? jsonTypeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return RequestOf(hub, channel, RunProducers.Of(source, eventName, jsonTypeInfo), options);
    }

    /// <summary>Stops a run of any node.</summary>
    /// <remarks>
    /// The producer's token is cancelled. The readers get the messages that are there, and the end. To stop a run is not to disconnect its
    /// readers, and a reader that leaves does not stop it. The call returns when the stop is requested: a producer that ignores its token
    /// goes on, but nothing of it is published any more.
    /// </remarks>
    /// <param name="hub">The hub.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="cancellationToken">Cancels the wait for a log.</param>
    /// <returns>The run. A run that was over stays as it is. Null: the channel has no run.</returns>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    public static Task<EventStreamRun?> StopRunAsync(
        this EventStreamHub hub, string channel, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        return hub.Runs.StopAsync(channel, cancellationToken);
    }

    /// <summary>Gets the run of a channel, also one of another node.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="cancellationToken">Cancels the wait for a log.</param>
    /// <returns>The run, also one that is over, for as long as its channel is there; null if there is none.</returns>
    /// <exception cref="ArgumentException">No channel or pattern of this name was added.</exception>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    public static Task<EventStreamRun?> GetRunAsync(
        this EventStreamHub hub, string channel, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        return hub.Runs.GetAsync(channel, cancellationToken);
    }

    /// <summary>Lists the runs that are running: those of the log on all nodes, and those in memory of this process.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="cancellationToken">Cancels the wait for a log.</param>
    /// <exception cref="EventStreamLogException">The log is unavailable.</exception>
    public static Task<IReadOnlyList<EventStreamRun>> ListRunsAsync(
        this EventStreamHub hub, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        return hub.Runs.ListAsync(cancellationToken);
    }

    private static RunRequest RequestOf(EventStreamHub hub, string channel, RunProducer producer, EventStreamRunOptions? options)
    {
        ArgumentNullException.ThrowIfNull(hub);
        options ??= new();
        hub.Runs.Check(channel, options);
        return new(hub, channel, options, producer);
    }
}
