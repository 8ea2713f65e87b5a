using System.Reflection;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace EventStream.AspNetCore;

/// <summary>A response that refuses a stream for now, and makes the client reconnect later.</summary>
/// <remarks>
/// A request whose <c>Accept</c> is exactly <c>text/event-stream</c> gets 200, a lone <c>retry</c> and a clean end. Any other status
/// would stop a browser's <c>EventSource</c> for good. Every other request gets 503 with <c>Retry-After</c>. Up to a half of the wait is
/// added at random, so that clients that were refused together do not reconnect together.
/// </remarks>
public sealed class EventStreamRetryLaterResult : IResult, IEndpointMetadataProvider
{
    private readonly TimeSpan _retry;

    /// <summary>Refuses a stream for now, and makes the client reconnect later.</summary>
    /// <param name="retry">How long the client waits, from 1 ms to one day; up to a half is added at random.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public EventStreamRetryLaterResult(TimeSpan retry)
    {
        if (retry < TimeSpan.FromMilliseconds(1) || retry > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(nameof(retry), retry, "The wait must be from 1 ms to one day.");
        }

        _retry = retry;
    }

    /// <summary>Writes the refusal.</summary>
    /// <param name="httpContext">The request to answer.</param>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        return SoftReject.WriteAsync(httpContext, _retry);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        EventStreamEndpointMetadata.AddTo(builder);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(void)));
    }
}
