using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Responses;

/// <summary>What is decided about a request before its stream opens.</summary>
internal static class EventStreamResponse
{
    private const string LastEventIdHeader = "Last-Event-ID";

    public static Task RunAsync(HttpContext context, FrameSource source, Action<EventStreamOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(context);
        var host = StreamHost.Of(context);
        var options = OptionsFor(host, configure);
        EventStreamHeaders.Check(context.Response);
        host.Notices.Check(context, host.Logger);

        var positions = context.Request.Headers[LastEventIdHeader];
        if (positions.Count > 1) return RefusePositionsAsync(context, positions.Count);
        var lastEventId = LastEventId(context.Request, options);
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

        if (host.Stopping.IsCancellationRequested) return SoftReject.WriteAsync(context, options.DrainRetry);
        if (options.ExcludeFromRequestDuration && context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics) metrics.MetricsDisabled = true;
        context.Features.Get<IHttpActivityFeature>()?.Activity.SetTag("http.long_running", "true");
        return new StreamSession(context, host, options).RunAsync(source, lastEventId);
    }

    /// <summary>The position that a request comes with; null if it has none, or several.</summary>
    public static string? PositionOf(HttpContext context, Action<EventStreamOptions>? configure) =>
        context.Request.Headers[LastEventIdHeader].Count > 1 ? null : LastEventId(context.Request, OptionsFor(StreamHost.Of(context), configure));

    private static EventStreamOptions OptionsFor(StreamHost host, Action<EventStreamOptions>? configure)
    {
        if (configure is null) return host.Options;
        var options = host.Options.Copy();
        configure(options);
        EventStreamOptionsValidator.ThrowIfInvalid(options);
        return options;
    }

    private static string? LastEventId(HttpRequest request, EventStreamOptions options) =>
        request.Headers[LastEventIdHeader] is [var position] ? position
            : options.LastEventIdQueryParameter is { } name && request.Query.TryGetValue(name, out var values) ? values[0]
            : null;

    private static Task AnswerFinished(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    // Which of several positions is meant cannot be known, and no client that follows the standard sends more than one.
    private static Task RefusePositionsAsync(HttpContext context, int count)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync($"Last-Event-ID was sent {count} times. Send it once.", context.RequestAborted);
    }
}
