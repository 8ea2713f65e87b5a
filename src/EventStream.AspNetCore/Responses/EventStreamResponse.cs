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
        Request request = new(context, host, source, options, positions.Count == 0 ? null : positions[0]);
        if (request.LastEventId is not { } id || !EndMark.IsOn(id)) return AnswerAsync(request);
        var asking = source.IsFinishedAsync(id);
        if (!asking.IsCompletedSuccessfully) return AskAsync(request, asking.AsTask()).Unwrap();
        return asking.Result ? AnswerFinished(context) : AnswerAsync(request);
    }

    /// <summary>Waits for the log, and begins the answer to a client with an end mark.</summary>
    /// <returns>A task that completes with the task of the answer, so that this method does not stay as long as the stream.</returns>
    private static async Task<Task> AskAsync(Request request, Task<bool> asking)
    {
        if (!await request.Context.SucceedsAsync(asking, "The log behind the channels")) return Task.CompletedTask;
        return await asking ? AnswerFinished(request.Context) : AnswerAsync(request);
    }

    /// <summary>Answers a client that has not read everything.</summary>
    private static Task AnswerAsync(Request request)
    {
        var (context, host, source, options, lastEventId) = request;
        var format = host.Format.For(options, host.Options);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            var keepAlive = options.KeepAliveHeaderIn(source.ProtocolIn(format));
            EventStreamHeaders.Apply(context, options.DataMediaType ?? source.DataMediaType, keepAlive);
            return Task.CompletedTask;
        }

        if (host.Stopping.IsCancellationRequested)
        {
            return SoftReject.WriteAsync(context, options.DrainRetry, source.ProtocolIn(format));
        }

        StreamPermits permits = default;
        if (host.Limits is { } limits)
        {
            (permits, var refused) = limits.Admit(context, source, host.Logger);
            if (refused is { } refusal) return RefuseStreamAsync(context, host, refusal, source.ProtocolIn(format));
        }

        try
        {
            var preparing = source.PrepareAsync(lastEventId);
            return preparing.IsCompletedSuccessfully
                ? OpenAsync(request, format, permits)
                : PrepareAsync(request, format, permits, preparing.AsTask()).Unwrap();
        }
        catch
        {
            // A task returns them when it has ended, and there is no task.
            host.Limits?.Return(permits, host.Logger, context.EndpointName);
            throw;
        }
    }

    /// <summary>Waits until the source is prepared, and opens the stream.</summary>
    /// <returns>A task that completes with the task of the stream, so that this method does not stay as long as the stream.</returns>
    private static async Task<Task> PrepareAsync(Request request, StreamFormat format, StreamPermits permits, Task preparing)
    {
        var isHeld = true;
        try
        {
            if (!await request.Context.SucceedsAsync(preparing, "The start of the run")) return Task.CompletedTask;
            var streaming = OpenAsync(request, format, permits);
            isHeld = false;
            return streaming;
        }
        finally
        {
            if (isHeld) request.Host.Limits?.Return(permits, request.Host.Logger, request.Context.EndpointName);
        }
    }

    private static Task OpenAsync(Request request, StreamFormat format, StreamPermits permits)
    {
        var (context, host, source, options, lastEventId) = request;
        if (options.ExcludeFromRequestDuration && context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        context.Features.Get<IHttpActivityFeature>()?.Activity.SetTag("http.long_running", "true");
        return new StreamSession(context, host, options, permits).RunAsync(source, format, lastEventId);
    }

    /// <summary>Gets the position of a request; null if it has none, or several.</summary>
    public static string? PositionOf(HttpContext context, EventStreamOptions options) =>
        Positions(context.Request, options) is [var position] ? position : null;

    /// <summary>Gets the positions in the request's header, or in its query if it has no such header.</summary>
    /// <remarks>It asks for no query if there is none, because the object of the query lives as long as the stream.</remarks>
    private static StringValues Positions(HttpRequest request, EventStreamOptions options) =>
        request.Headers[LastEventIdHeader] is { Count: > 0 } header ? header
            : options.LastEventIdQueryParameter is { } name
                && request.QueryString.HasValue
                && request.Query.TryGetValue(name, out var values) ? values
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

    /// <summary>A request for a stream.</summary>
    /// <param name="Context">The request itself.</param>
    /// <param name="Host">The app.</param>
    /// <param name="Source">What its stream reads.</param>
    /// <param name="Options">The options of its stream.</param>
    /// <param name="LastEventId">The position that the client sent, with its end mark if it has one; null: none.</param>
    private readonly record struct Request(
        HttpContext Context, StreamHost Host, FrameSource Source, EventStreamOptions Options, string? LastEventId);
}
