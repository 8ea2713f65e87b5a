using EventStream.AspNetCore.Configuration;

namespace EventStream.AspNetCore;

/// <summary>The options of a channel, or of each channel of a pattern; <c>AddChannel</c> sets them.</summary>
/// <remarks>
/// <see cref="Capacity"/>, <see cref="MaxBytes"/> and <see cref="MaxAge"/> bound the messages in this node's memory, the ring. The first
/// bound that is reached counts. A log behind the channels has a retention of its own. The options are validated when the app starts.
/// <c>AddEventStreams</c> takes them from the section <c>Channels</c> of the app's configuration, by the channel's name. Options that are
/// functions can only be set by code: text for one in the configuration stops the app at its start.
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

    /// <summary>How many bytes the ring holds, in the wire format; also the largest size of a message.</summary>
    /// <value>16 MiB by default; from 1 KiB to 1 TiB.</value>
    public long MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long the ring holds a message.</summary>
    /// <value>
    /// Null by default: as long as the ring has room; in a channel of a pattern, one hour. From 1 s to 30 days; checked once a second.
    /// </value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Whether the channel's messages stay in this process, even if the app has a log.</summary>
    /// <value>False by default. Without a log, true only silences the log text at the app's start for this channel.</value>
    public bool InMemory { get; set; }

    /// <summary>Where a subscriber without a position begins.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamStart.Now"/>, and <see cref="EventStreamStart.Oldest"/> where
    /// <c>hub.Run</c> fills the channel.
    /// </value>
    public EventStreamStart? Start { get; set; }

    /// <summary>Supplies the state that a subscriber gets after a gap, in place of the retained messages.</summary>
    /// <remarks>
    /// Its token is cancelled when the subscriber leaves. Its exceptions are faults of the stream.
    /// <para/>
    /// Called for each gap of each subscriber. A subscriber that falls behind again soon gets its snapshots at growing intervals, from 1 s
    /// to 30 s. Jitter adds up to a half. The intervals begin anew after a minute without a gap.
    /// </remarks>
    /// <value>Null by default: the retained messages are sent.</value>
    public Func<EventStreamGap, CancellationToken, ValueTask<EventStreamSnapshot>>? OnGap { get; set; }

    /// <summary>Whether a message with an <see cref="EventStreamMetadata.Key"/> replaces the retained message of the same key.</summary>
    /// <remarks>
    /// A subscriber that has not read the replaced message never gets it. A slow subscriber gets the newest state of each key, without a
    /// gap.
    /// </remarks>
    /// <value>False by default.</value>
    public bool LatestByKey { get; set; }

    /// <summary>The authorization policy for requests that subscribe through <c>MapEventStream</c>.</summary>
    /// <remarks>The policy gets the channel's name as its resource.</remarks>
    /// <value>Null by default: no policy of the channel. The endpoint's policy applies in any case.</value>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>Whether a subscriber may wait for the first message of a channel of a pattern.</summary>
    /// <remarks>
    /// The channel is in memory for as long as it has a subscriber. No log has a row for it before the first message. A channel whose name
    /// is not a pattern always exists.
    /// </remarks>
    /// <value>
    /// False by default: until something is published, <see cref="OnUnknown"/> answers. A client whose position is of an earlier history of
    /// the channel, in this process, is let in and gets the gap. A made-up position, or one of an earlier process, does not count.
    /// </value>
    public bool CreateOnSubscribe { get; set; }

    /// <summary>The answer to a subscriber of a channel that does not exist.</summary>
    /// <value>
    /// Null by default: 404, after which a browser stops. After <c>(context, name) =>
    /// TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(5))</c> it reconnects.
    /// </value>
    public Func<HttpContext, string, IResult>? OnUnknown { get; set; }

    /// <summary>How long a channel of a pattern stays when it is idle.</summary>
    /// <remarks>A channel is idle if it has no subscriber and no running run, and either retains nothing or is complete.</remarks>
    /// <value>1 minute by default; from 1 s to 30 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What the library sends to the channel's subscribers besides its messages.</summary>
    /// <value>
    /// Null by default: <see cref="EventStreamOptions.Protocol"/>, or else <see cref="EventStreamProtocol.Default"/>. A stream of several
    /// channels uses the protocol of the first. The options keep a copy.
    /// </value>
    public EventStreamProtocol? Protocol
    {
        get;

        // A copy, because configuration binds into this object, and a preset is shared by all apps.
        set => field = value is null ? null : value with { };
    }

    /// <summary>Called for each subscriber that has joined.</summary>
    /// <value>Null by default. The subscriber's own request calls it, before anything is sent. Its exceptions are logged.</value>
    public Action<EventStreamSubscriber>? OnJoined { get; set; }

    /// <summary>Called for each subscriber that has left.</summary>
    /// <value>Null by default. The subscriber's own request calls it as it ends. Its exceptions are logged.</value>
    public Action<EventStreamSubscriber>? OnLeft { get; set; }
}
