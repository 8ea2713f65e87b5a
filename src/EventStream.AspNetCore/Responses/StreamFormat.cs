using System.Text.Json;

namespace EventStream.AspNetCore.Responses;

/// <summary>The JSON options and the protocol for the frames of a response.</summary>
internal sealed class StreamFormat
{
    // The values that the response itself sets; each is null if the channel or the app decides.
    private readonly EventStreamProtocol? _protocol;
    private readonly EventStreamNotice<EventStreamBoundary>? _end;

    // The app's protocol, or the default.
    private readonly EventStreamProtocol _fallback;

    /// <summary>The app's format.</summary>
    public StreamFormat(JsonSerializerOptions json, EventStreamOptions options)
    {
        Json = json;
        _fallback = WithEnd(options.Protocol ?? EventStreamProtocol.Default, options.EndNotice);
        OfPlainSource = PlainOf(_fallback);
    }

    private StreamFormat(
        StreamFormat app, EventStreamProtocol? protocol, EventStreamNotice<EventStreamBoundary>? end, EventStreamProtocol fallback)
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

    /// <summary>Gets the format of a response whose options are a changed copy of the app's.</summary>
    public StreamFormat For(EventStreamOptions response, EventStreamOptions app)
    {
        var setsProtocol = !ReferenceEquals(response.Protocol, app.Protocol);
        var setsEnd = !ReferenceEquals(response.EndNotice, app.EndNotice);
        if (!setsProtocol && !setsEnd) return this;

        // A response that sets null removes the app's value.
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
