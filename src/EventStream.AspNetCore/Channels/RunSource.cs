using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Channels;

/// <summary>The channel of a run as the source of a response, which starts the run.</summary>
/// <remarks>
/// The run starts after the stream was admitted, and just before it opens. So a HEAD request, a refused one, and a client that has read the
/// run to its end start nothing. What is known by the channel's name is known before.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="subscription">Which of the channel's messages the response gets; null: all that are not for one user.</param>
internal sealed class RunSource(EventStreamRunRequest run, EventStreamSubscriptionOptions? subscription) : FrameSource
{
    private readonly ChannelRegistry _registry = run.Hub.Registry;

    // By its name alone, until the run has started.
    private ChannelSource _channel = ByName(run, subscription);

    public override bool NeedsToken => _channel.NeedsToken;

    public override StringValues ChannelNames => _channel.ChannelNames;

    public override string? User => _channel.User;

    public override async ValueTask<bool> IsFinishedAsync(string lastEventId)
    {
        var definition = _registry.CheckedDefinitionOf(run.Channel);
        var history = await _registry.FindHistoryAsync(run.Channel, definition, lastEventId);
        return Positions.AreOver(lastEventId, [history]);
    }

    public override EventStreamProtocol ProtocolIn(StreamFormat format) => _channel.ProtocolIn(format);

    /// <summary>Starts the run, or joins it.</summary>
    /// <remarks>A client that leaves meanwhile does not cancel the start, as it does not stop the run later.</remarks>
    public override async ValueTask PrepareAsync(string? lastEventId)
    {
        var reconnects = !string.IsNullOrEmpty(lastEventId);
        var started = await run.StartAsync(mayRestart: !reconnects, CancellationToken.None);
        _channel = ChannelSource.Of(started.Channel, subscription);
    }

    public override FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken) =>
        _channel.Open(context, format, lastEventId, cancellationToken);

    private static ChannelSource ByName(EventStreamRunRequest run, EventStreamSubscriptionOptions? subscription)
    {
        var registry = run.Hub.Registry;
        return new(registry, [new(run.Channel, registry.CheckedDefinitionOf(run.Channel), History: null)], subscription);
    }
}
