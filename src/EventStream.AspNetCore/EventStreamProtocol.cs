using System.ComponentModel;
using EventStream.AspNetCore.Channels;
using EventStream.AspNetCore.Configuration;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore;

/// <summary>What the library sends on a stream besides the app's messages: where it begins, at a gap, and at its end.</summary>
/// <remarks>
/// Set it for a response or for the app by <see cref="EventStreamOptions.Protocol"/>, and for a channel by
/// <see cref="EventStreamChannelOptions.Protocol"/>. The response's comes before the channel's, and that before the app's; it holds as a
/// whole. Vary one by <c>with</c>: <c>EventStreamProtocol.DataOnly with { End = new(_ => "[DONE]") }</c>.
/// Immutable, and safe to share between streams and threads.
/// </remarks>
[TypeConverter(typeof(ProtocolText))]
public sealed record EventStreamProtocol
{
    private static readonly EventStreamNotice<EventStreamGap> StreamGap = new(ReservedEvents.Gap, GapJson.Of);
    private static readonly EventStreamNotice<EventStreamBoundary> StreamEnd = new(ReservedEvents.End, static _ => "end");

    /// <summary>The default: the standard's frames, and the events <c>stream-gap</c> and <c>stream-end</c>.</summary>
    public static EventStreamProtocol Default { get; } = new();

    /// <summary>
    /// For clients that split a stream at blank lines and know only <c>data</c>, such as many clients of language models, and
    /// <c>fetch-event-source</c>: everything that is sent is a message of the app's.
    /// </summary>
    /// <remarks>
    /// Neither <see cref="Gap"/> nor <see cref="End"/>, no <see cref="IdOnlyFrames"/> and no <see cref="LoneLines"/>. A channel then needs
    /// <see cref="EventStreamChannelOptions.OnGap"/>, or a <see cref="Gap"/> that its clients understand.
    /// </remarks>
    public static EventStreamProtocol DataOnly { get; } = new() { Gap = null, End = null, IdOnlyFrames = false, LoneLines = false };

    /// <summary>The first event of a channel's stream, where there is no message to send yet; its id is the position.</summary>
    /// <value>
    /// Null by default: a frame with the id alone, and nothing where <see cref="IdOnlyFrames"/> is false. A client that is cut before it
    /// has an id begins again as on a first visit. It is sent on each connection, and for each of several channels.
    /// </value>
    public EventStreamNotice<EventStreamBoundary>? First { get; init; }

    /// <summary>The event that tells a client of a gap in a channel's stream.</summary>
    /// <remarks>Its id is the position from which the stream goes on; before a snapshot it has none.</remarks>
    /// <value>
    /// The event <c>stream-gap</c> by default, whose JSON has the members of <see cref="EventStreamGap"/>, also the channel's name. Null:
    /// no event. A gap is then counted and logged. It is refused where no <see cref="EventStreamChannelOptions.OnGap"/> stands in for it.
    /// </value>
    public EventStreamNotice<EventStreamGap>? Gap { get; init; } = StreamGap;

    /// <summary>The last event of a stream that is finished.</summary>
    /// <remarks>Its id is the mark of the end: a reconnect after it gets 204, which stops an <c>EventSource</c>.</remarks>
    /// <value>
    /// By default the event <c>stream-end</c> with the data <c>end</c> for a channel, and nothing for a plain source, whose end is not
    /// final. Another event is sent for both. Null: a channel's stream ends with the mark in a frame with an id alone. Where
    /// <see cref="IdOnlyFrames"/> is false as well, it just ends, and a client that reconnects is served the end again.
    /// <see cref="EventStreamOptions.EndOfStream"/> of the same options comes first.
    /// </value>
    public EventStreamNotice<EventStreamBoundary>? End { get; init; } = StreamEnd;

    /// <summary>Whether frames are sent that have an id alone, which tell a client its position and dispatch no event.</summary>
    /// <value>
    /// True by default. False, for clients that take each blank line for a message: only messages carry positions. That of a snapshot is
    /// the id of its last message. A client that is cut before a message comes back to the message before.
    /// </value>
    public bool IdOnlyFrames { get; init; } = true;

    /// <summary>Whether lines are sent that belong to no frame: a <c>retry</c>, and the comment that keeps a stream alive.</summary>
    /// <value>
    /// True by default. False: no <c>retry</c> is sent, also after a fault, and a refusal while the host stops is 503. There is no
    /// keep-alive unless <see cref="EventStreamOptions.KeepAlive"/> is one with a blank line.
    /// </value>
    public bool LoneLines { get; init; } = true;

    /// <summary>The names that the app's own messages may have although they are reserved.</summary>
    /// <value>
    /// Empty by default. Reserved are <c>error</c> and <c>open</c>, which call a page's own handlers of those names, <c>stream-gap</c>,
    /// <c>stream-end</c>, and the names of <see cref="First"/>, <see cref="Gap"/> and <see cref="End"/>, which a message could forge. A
    /// channel refuses them when a message is published, a plain source's stream when it is written. For a channel the names of the
    /// channel's protocol, or else the app's, count, and not those of a response.
    /// </value>
    public IReadOnlyCollection<string> AllowedEvents { get; init; } = [];

    /// <summary>Whether the end is the default one, which is for channels alone.</summary>
    internal bool HasDefaultEnd => ReferenceEquals(End, StreamEnd);

    /// <summary>What is wrong with it, for a message that begins with the option's name.</summary>
    internal string? Fault =>
        AllowedEvents is null ? "has null for AllowedEvents. Set it to [], to allow no reserved name."
        : FaultOf(nameof(First), First?.Event) ?? FaultOf(nameof(Gap), Gap?.Event) ?? FaultOf(nameof(End), End?.Event);

    private string? FaultOf(string notice, string? name) => ReservedEvents.CallsAHandler(name) && !AllowedEvents.Contains(name)
        ? $"has the event '{name}' for {notice}, which calls the page's own on{name} handler. Choose another, or add it to AllowedEvents."
        : null;
}
