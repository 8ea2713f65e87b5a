using System.Reflection;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace EventStream.AspNetCore;

/// <summary>
/// Refuses a stream for now, so that the client comes back: every status but 200 would end a browser's <c>EventSource</c> for good.
/// </summary>
/// <remarks>
/// A request whose <c>Accept</c> is exactly <c>text/event-stream</c> gets 200, a lone <c>retry</c> and a clean end; every other one gets
/// 503 with
/// <c>Retry-After</c>. Up to a half of the wait is added at random, so that those who were refused together do not come back together.
/// </remarks>
public sealed class EventStreamRetryLaterResult : IResult, IEndpointMetadataProvider
{
    private readonly TimeSpan _retry;

    /// <summary>A refusal.</summary>
    /// <param name="retry">How long the client is to wait, from 1 ms to one day.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public EventStreamRetryLaterResult(TimeSpan retry)
    {
        if (retry < TimeSpan.FromMilliseconds(1) || retry > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(nameof(retry), retry, "The wait is from 1 ms to one day.");
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
