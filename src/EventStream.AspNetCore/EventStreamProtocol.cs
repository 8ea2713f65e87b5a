using System.ComponentModel;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>The events and lines that the library sends besides the app's messages: at a stream's start, gaps, and end.</summary>
/// <remarks>
/// <see cref="EventStreamOptions.Protocol"/> sets it for a response or for the app, and <see cref="EventStreamChannelOptions.Protocol"/>
/// for a channel. A stream uses the first that is set: the response's, the channel's, the app's; protocols are not merged. Change one by
/// <c>with</c>: <c>EventStreamProtocol.DataOnly with { End = new(_ => "[DONE]") }</c>. Immutable, and safe to share between streams and
/// threads.
/// </remarks>
[TypeConverter(typeof(ProtocolText))]
public sealed record EventStreamProtocol
{
    private static readonly EventStreamNotice<EventStreamGap> StreamGap = new(ReservedEvents.Gap, GapJson.Of);
    private static readonly EventStreamNotice<EventStreamBoundary> StreamEnd = new(ReservedEvents.End, static _ => "end");

    /// <summary>The default: the standard's frames, and the events <c>stream-gap</c> and <c>stream-end</c>.</summary>
    public static EventStreamProtocol Default { get; } = new();

    /// <summary>Sends only the app's messages, for clients that split a stream at blank lines and know only <c>data</c>.</summary>
    /// <remarks>
    /// Such clients are many clients of language models, and <c>fetch-event-source</c>. It has no <see cref="Gap"/>, no <see cref="End"/>,
    /// no <see cref="IdOnlyFrames"/> and no <see cref="LoneLines"/>. A channel then needs <see cref="EventStreamChannelOptions.OnGap"/>, or
    /// a <see cref="Gap"/> that its clients understand.
    /// </remarks>
    public static EventStreamProtocol DataOnly { get; } = new() { Gap = null, End = null, IdOnlyFrames = false, LoneLines = false };

    /// <summary>The first event of a channel's stream that has no message to send yet; its id is the position.</summary>
    /// <value>
    /// Null by default: a frame with only the id, or nothing if <see cref="IdOnlyFrames"/> is false. A client whose connection breaks
    /// before it has an id starts again as on a first visit. The event is sent on each connection, and for each of several channels.
    /// </value>
    public EventStreamNotice<EventStreamBoundary>? First { get; init; }

    /// <summary>The event that announces a gap in a channel's stream.</summary>
    /// <remarks>Its id is the position after which the stream continues; before a snapshot it has no id.</remarks>
    /// <value>
    /// The event <c>stream-gap</c> by default; its JSON has the members of <see cref="EventStreamGap"/>, with the channel's name. Null: no
    /// event; a gap is only counted and logged. Then the channel must have an <see cref="EventStreamChannelOptions.OnGap"/>, or the options
    /// are not valid.
    /// </value>
    public EventStreamNotice<EventStreamGap>? Gap { get; init; } = StreamGap;

    /// <summary>The last event of a finished stream.</summary>
    /// <remarks>Its id is the end mark: a reconnect after it gets 204, which stops an <c>EventSource</c>.</remarks>
    /// <value>
    /// By default the event <c>stream-end</c> with the data <c>end</c> for a channel, and nothing for a plain source, whose end is not
    /// final. Any other event is sent for both. Null: a channel's stream ends with the end mark in a frame with only an id. If
    /// <see cref="IdOnlyFrames"/> is false as well, it ends without a mark, and a client that reconnects gets the end again.
    /// <see cref="EventStreamOptions.EndOfStream"/> of the same options wins over this value.
    /// </value>
    public EventStreamNotice<EventStreamBoundary>? End { get; init; } = StreamEnd;

    /// <summary>The last event of a stream whose client may not read it any more.</summary>
    /// <remarks>
    /// It has no id. A <c>retry</c> and a clean end follow. A page can show the reason, and ask its user to sign in.
    /// </remarks>
    /// <value>
    /// Null by default: no event, and the client learns from the answer to its next request. Sent when the authentication expires, when a
    /// check of <see cref="EventStreamOptions.ReauthorizationInterval"/> ends the stream, and when <c>DisconnectAsync</c> does.
    /// </value>
    public EventStreamNotice<EventStreamUnauthorizedReason>? Unauthorized { get; init; }

    /// <summary>Whether frames with only an id are sent, which give a client its position and dispatch no event.</summary>
    /// <value>
    /// True by default. Set it to false for clients that take each blank line for a message. Then only messages carry positions, and the
    /// last message of a snapshot carries the snapshot's. A client whose connection breaks resumes after the last message that it got.
    /// </value>
    public bool IdOnlyFrames { get; init; } = true;

    /// <summary>Whether lines outside of a frame are sent: <c>retry</c>, and the keep-alive comment.</summary>
    /// <value>
    /// True by default. False: no <c>retry</c> is sent, not even after a fault, and a stopping host answers 503. A keep-alive is sent only
    /// if <see cref="EventStreamOptions.KeepAlive"/> has a blank line.
    /// </value>
    public bool LoneLines { get; init; } = true;

    /// <summary>Reserved event names that the app's own messages may use.</summary>
    /// <value>
    /// Empty by default. <c>error</c> and <c>open</c> are reserved, because they call a page's own handlers of those names.
    /// <c>stream-gap</c>, <c>stream-end</c>, and the names of <see cref="First"/>, <see cref="Gap"/>, <see cref="End"/> and
    /// <see cref="Unauthorized"/> are reserved, because a message could forge these events. A channel refuses a reserved name when a
    /// message is published, a plain source's stream when it is written. For a channel, the channel's protocol or else the app's counts,
    /// and not that of a response.
    /// </value>
    public IReadOnlyCollection<string> AllowedEvents { get; init; } = [];

    /// <summary>Whether <see cref="End"/> is the default event, which only channels send.</summary>
    internal bool HasDefaultEnd => ReferenceEquals(End, StreamEnd);

    /// <summary>The rest of a sentence that says what is invalid and begins with the option's name; null if it is valid.</summary>
    internal string? Fault =>
        AllowedEvents is null ? "has null for AllowedEvents. Set it to [] to allow no reserved name."
        : FaultOf(nameof(First), First?.Event) ?? FaultOf(nameof(Gap), Gap?.Event) ?? FaultOf(nameof(End), End?.Event)
            ?? FaultOf(nameof(Unauthorized), Unauthorized?.Event);

    private string? FaultOf(string notice, string? name) => ReservedEvents.CallsAHandler(name) && !AllowedEvents.Contains(name)
        ? $"has the event '{name}' for {notice}, which calls the page's own on{name} handler. Choose another, or add it to AllowedEvents."
        : null;
}
