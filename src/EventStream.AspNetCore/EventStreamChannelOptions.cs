using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>How a channel, or each channel of a pattern, behaves: set by <c>AddChannel</c>.</summary>
/// <remarks>
/// <see cref="Capacity"/>, <see cref="MaxBytes"/> and <see cref="MaxAge"/> bound the messages in this node's memory, the ring. The first
/// bound that is reached counts. A log behind the channels has a retention of its own. The options are validated when the app starts.
/// <c>AddEventStreams</c> takes them from the section <c>Channels</c> of the app's configuration, by the channel's name. Functions are
/// code: text for one stops the app when it starts.
/// </remarks>
public sealed class EventStreamChannelOptions
{
    static EventStreamChannelOptions()
    {
        CodeOnly.Refuse<Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>>>();
        CodeOnly.Refuse<Func<HttpContext, string, IResult>>();
        CodeOnly.Refuse<Action<EventStreamSubscriber>>();
    }

    /// <summary>How many messages the ring holds.</summary>
    /// <value>1024 by default; from 1 to 16,777,216.</value>
    public int Capacity { get; set; } = 1024;

    /// <summary>How many bytes the ring holds, as they are on the wire; a single message must not be larger.</summary>
    /// <value>16 MiB by default; from 1 KiB to 1 TiB.</value>
    public long MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long the ring holds a message.</summary>
    /// <value>
    /// Null by default: as long as there is room, and one hour in a channel of a pattern. From 1 s to 30 days; checked once a second.
    /// </value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// Whether the messages stay in this process, although the app has a log that outlives it.
    /// </summary>
    /// <value>
    /// False by default. Without such a log it changes nothing but the notice at the start of the app: true says that memory is meant.
    /// </value>
    public bool InMemory { get; set; }

    /// <summary>Where a subscriber without a position begins.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamStart.Now"/>, and <see cref="EventStreamStart.Oldest"/> where
    /// <see cref="EventStreamHub.Run"/> fills the channel.
    /// </value>
    public EventStreamStart? Start { get; set; }

    /// <summary>Supplies the state that a subscriber gets after a gap, in place of what is retained.</summary>
    /// <remarks>
    /// Its token is cancelled when the subscriber leaves. What it throws is a fault of the stream.
    /// <para/>
    /// Called for each gap of each subscriber. A subscriber that falls behind again soon gets its snapshots at growing intervals, from 1 s
    /// to 30 s. Jitter adds up to a half. The intervals begin anew after a minute without a gap.
    /// </remarks>
    /// <value>Null by default: what is retained is sent.</value>
    public Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>>? OnGap { get; set; }

    /// <summary>Whether a message with an <see cref="EventStreamMetadata.Key"/> replaces the retained message of the same key.</summary>
    /// <remarks>
    /// A subscriber that has not read the earlier one never gets it. A slow one gets the newest state of each key, without a gap.
    /// </remarks>
    /// <value>False by default.</value>
    public bool LatestByKey { get; set; }

    /// <summary>
    /// The policy by which a request may subscribe through <c>MapEventStream</c>, with the name of the channel as the resource.
    /// </summary>
    /// <value>Null by default: no policy of the channel's own; the endpoint's applies in any case.</value>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>Whether a subscriber may wait for the first message of a channel of a pattern.</summary>
    /// <remarks>
    /// The channel is in memory for as long as it has a subscriber. No log has a row for it before the first message. A channel whose name
    /// is no pattern always exists.
    /// </remarks>
    /// <value>
    /// False by default: until something is published, <see cref="OnUnknown"/> answers. A client with a position of an earlier history of a
    /// channel in memory gets the gap. A position that was made up, or that is of an earlier process, is no such position.
    /// </value>
    public bool CreateOnSubscribe { get; set; }

    /// <summary>The answer to a subscriber of a channel that does not exist.</summary>
    /// <value>
    /// Null by default: 404. For example <c>(context, name) => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(5))</c>, which a
    /// browser survives.
    /// </value>
    public Func<HttpContext, string, IResult>? OnUnknown { get; set; }

    /// <summary>How long a channel of a pattern stays when it is idle.</summary>
    /// <remarks>It is idle without a subscriber and a run under way, where nothing is retained, or where it is complete.</remarks>
    /// <value>1 minute by default; from 1 s to 30 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What the library sends to the channel's subscribers besides its messages.</summary>
    /// <value>
    /// Null by default: that of <see cref="EventStreamOptions.Protocol"/>, or else <see cref="EventStreamProtocol.Default"/>. A stream of
    /// several channels speaks the protocol of the first. The options keep a copy.
    /// </value>
    public EventStreamProtocol? Protocol
    {
        get;

        // Configuration is bound into what is there, which must not be a preset of all apps.
        set => field = value is null ? null : value with { };
    }

    /// <summary>Told of each subscriber that has joined.</summary>
    /// <value>Null by default. Called by the subscriber's own request, before it is sent anything; what it throws is logged.</value>
    public Action<EventStreamSubscriber>? OnJoined { get; set; }

    /// <summary>Told of each subscriber that has left.</summary>
    /// <value>Null by default. Called by the subscriber's own request as it ends; what it throws is logged.</value>
    public Action<EventStreamSubscriber>? OnLeft { get; set; }
}
