using System.Text.Json;

namespace EventStream.AspNetCore.Responses;

/// <summary>How the frames of a response are made: by the app's JSON, and the protocol of the response, a channel or the app.</summary>
internal sealed class StreamFormat
{
    // What the response itself sets; each is null where it leaves that to the channel, or the app.
    private readonly EventStreamProtocol? _protocol;
    private readonly EventStreamNotice<EventStreamBoundary>? _end;

    // The app's, or the default.
    private readonly EventStreamProtocol _fallback;

    /// <summary>The app's format.</summary>
    public StreamFormat(JsonSerializerOptions json, EventStreamOptions options)
    {
        Json = json;
        _fallback = WithEnd(options.Protocol ?? EventStreamProtocol.Default, options.EndNotice);
        OfPlainSource = PlainOf(_fallback);
    }

    private StreamFormat(StreamFormat app, EventStreamProtocol? protocol, EventStreamNotice<EventStreamBoundary>? end, EventStreamProtocol fallback)
    {
        Json = app.Json;
        _protocol = protocol;
        _end = end;
        _fallback = fallback;
        OfPlainSource = PlainOf(WithEnd(protocol ?? fallback, end));
    }

    public JsonSerializerOptions Json { get; }

    /// <summary>The protocol of a stream of a plain source, which has an end event only if one was set.</summary>
    public EventStreamProtocol OfPlainSource { get; }

    /// <summary>The format of a response whose options began as the app's.</summary>
    public StreamFormat For(EventStreamOptions response, EventStreamOptions app)
    {
        var setsProtocol = !ReferenceEquals(response.Protocol, app.Protocol);
        var setsEnd = !ReferenceEquals(response.EndNotice, app.EndNotice);
        if (!setsProtocol && !setsEnd) return this;

        // Null takes the app's back.
        var fallback = WithEnd(
            setsProtocol ? EventStreamProtocol.Default : app.Protocol ?? EventStreamProtocol.Default,
            setsEnd ? null : app.EndNotice);
        return new(this, setsProtocol ? response.Protocol : null, setsEnd ? response.EndNotice : null, fallback);
    }

    /// <summary>The protocol of a channel's stream.</summary>
    public EventStreamProtocol Of(EventStreamChannelOptions channel) => WithEnd(_protocol ?? channel.Protocol ?? _fallback, _end);

    private static EventStreamProtocol WithEnd(EventStreamProtocol protocol, EventStreamNotice<EventStreamBoundary>? end) =>
        end is null ? protocol : protocol with { End = end };

    private static EventStreamProtocol PlainOf(EventStreamProtocol protocol) =>
        protocol.HasDefaultEnd ? protocol with { End = null } : protocol;
}
