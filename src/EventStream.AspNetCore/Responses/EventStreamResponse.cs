using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Diagnostics;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace EventStream.AspNetCore.Responses;

/// <summary>Answers a request for a stream: 400, 204, headers alone, a soft reject, or the stream.</summary>
internal static class EventStreamResponse
{
    private const string LastEventIdHeader = "Last-Event-ID";

    public static Task RunAsync(HttpContext context, FrameSource source, Action<EventStreamOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(context);
        return RunAsync(context, source, StreamHost.Of(context).OptionsWith(configure));
    }

    public static Task RunAsync(HttpContext context, FrameSource source, EventStreamOptions options)
    {
        var host = StreamHost.Of(context);
        EventStreamHeaders.Check(context.Response);
        host.Notices.Check(context, host.Logger);
        if (AuthenticationExpiry.HasExpired(context, host, options)) return AuthenticationExpiry.RefuseAsync(context);

        var positions = Positions(context.Request, options);
        if (positions.Count > 1) return RefusePositionsAsync(context, options, positions.Count);
        var lastEventId = positions.Count == 0 ? null : positions[0];
        if (lastEventId is not null && EndMark.IsOn(lastEventId))
        {
            if (source.IsFinished(EndMark.Before(lastEventId))) return AnswerFinished(context);
            lastEventId = EndMark.Before(lastEventId);
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            EventStreamHeaders.Apply(context, options.DataMediaType ?? source.DataMediaType);
            return Task.CompletedTask;
        }

        var format = host.Format.For(options, host.Options);
        if (host.Stopping.IsCancellationRequested)
        {
            return SoftReject.WriteAsync(context, options.DrainRetry, source.ProtocolIn(format));
        }

        StreamPermits permits = default;
        if (host.Limits is { } limits)
        {
            (source, permits, var refused) = limits.Admit(context, source, host.Logger);
            if (refused is { } refusal) return RefuseStreamAsync(context, host, refusal, source.ProtocolIn(format));
        }

        if (options.ExcludeFromRequestDuration && context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        context.Features.Get<IHttpActivityFeature>()?.Activity.SetTag("http.long_running", "true");
        try
        {
            return new StreamSession(context, host, options, permits).RunAsync(source.Located(), format, lastEventId);
        }
        catch
        {
            // Its task returns them at the end, and there is no task.
            host.Limits?.Return(permits, host.Logger, context.EndpointName);
            throw;
        }
    }

    /// <summary>Gets the position of a request; null if it has none, or several.</summary>
    public static string? PositionOf(HttpContext context, EventStreamOptions options) =>
        Positions(context.Request, options) is [var position] ? position : null;

    /// <summary>Gets the positions in the request's header, or in its query if it has no such header.</summary>
    private static StringValues Positions(HttpRequest request, EventStreamOptions options) =>
        request.Headers[LastEventIdHeader] is { Count: > 0 } header ? header
            : options.LastEventIdQueryParameter is { } name && request.Query.TryGetValue(name, out var values) ? values
            : StringValues.Empty;

    private static Task AnswerFinished(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task RefuseStreamAsync(HttpContext context, StreamHost host, Refusal refusal, EventStreamProtocol protocol)
    {
        host.Metrics.Refused(context.Route, refusal);
        host.Refusals.Add(refusal.Limit, context.EndpointName);
        return SoftReject.WriteAsync(context, refusal.Wait, protocol, refusal.Status, refusal.Reason);
    }

    // The server cannot know which of several positions is meant. No client that follows the standard sends more than one.
    private static Task RefusePositionsAsync(HttpContext context, EventStreamOptions options, int count)
    {
        var isInHeader = context.Request.Headers.ContainsKey(LastEventIdHeader);
        var name = isInHeader ? LastEventIdHeader : $"The query parameter {options.LastEventIdQueryParameter}";
        return ReasonedAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, $"{name} was sent {count} times. Send it once.");
    }
}
