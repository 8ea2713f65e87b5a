using EventStream.AspNetCore.Responses;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Serves the sequence of a minimal API's handler as JSON, which the framework writes, or as a stream.</summary>
internal sealed class NegotiationEndpointFilter(SequenceShape shape, Action<EventStreamOptions>? configure) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;

        // The framework has refused the arguments already, and that answer stands.
        if (http.Response.StatusCode >= StatusCodes.Status400BadRequest) return await next(context);
        http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var accept = AcceptHeader.Of(http.Request);
        var stream = accept.RankOf(EventStreamHeaders.ContentType);
        var json = accept.RankOf(PayloadFormats.Json);

        // Before the handler runs: what it does must not be done for an answer that nobody gets.
        if (stream is null && json is null) return TypedResults.StatusCode(StatusCodes.Status406NotAcceptable);
        var value = await next(context);
        if (!shape.Fits(value)) return value;
        return stream is { } rank && rank.Beats(json)
            ? new EventStreamResult(shape.ToSource(value!, format: null), configure)
            : shape.ToArray(value!, http);
    }
}
