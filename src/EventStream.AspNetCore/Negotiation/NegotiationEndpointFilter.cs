using EventStream.AspNetCore.Responses;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Serves the sequence of a minimal API's handler as JSON, which the framework writes, or as a stream.</summary>
/// <remarks>The client's <c>Accept</c> header decides.</remarks>
internal sealed class NegotiationEndpointFilter(SequenceShape shape, Action<EventStreamOptions>? configure) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;

        // The framework has already refused the arguments, and its answer stays.
        if (http.Response.StatusCode >= StatusCodes.Status400BadRequest) return await next(context);
        http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var accept = AcceptHeader.Of(http.Request);
        var stream = accept.RankOf(EventStreamHeaders.ContentType);
        var json = accept.RankOf(PayloadFormats.Json);

        // Before the handler runs, because its effects must not happen for a request that gets 406.
        if (stream is null && json is null) return TypedResults.StatusCode(StatusCodes.Status406NotAcceptable);
        var value = await next(context);
        if (!shape.Fits(value)) return value;
        return stream is { } rank && rank.Beats(json)
            ? new EventStreamResult(shape.ToSource(value!, format: null), configure)
            : shape.ToArray(value!, http);
    }
}
