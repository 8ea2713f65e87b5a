using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Decides, for an action's sequence alone, between a stream, 406, and what MVC makes of it without us.</summary>
/// <remarks>
/// MVC's own selection takes no notice of <c>Accept</c> where it has <c>*/*</c> or nothing in it matches, and takes <c>?format=</c> for the
/// type of the whole response.
/// </remarks>
[RequiresUnreferencedCode(SequenceShape.UsesReflection)]
[RequiresDynamicCode(SequenceShape.UsesReflection)]
internal sealed class NegotiationResultFilter : IResultFilter, IOrderedFilter
{
    /// <summary>Last, when [Produces] and [FormatFilter] have had their say.</summary>
    public int Order => int.MaxValue;

    public void OnResultExecuting(ResultExecutingContext context)
    {
        if (context.Result is not ObjectResult { Value: { } sequence } result) return;
        var type = result.DeclaredType is { } declared && declared != typeof(object) ? declared : sequence.GetType();
        if (SequenceShape.Of(type) is not { } shape) return;
        var http = context.HttpContext;
        http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var options = http.RequestServices.GetRequiredService<IOptions<MvcOptions>>().Value;
        var negotiation = new ActionNegotiation(context, result, shape, options);
        switch (negotiation.Representation)
        {
            case Representation.Array:
                var array = shape.ToArray(sequence, http);
                if (!ReferenceEquals(array, sequence)) (result.Value, result.DeclaredType) = (array, shape.ArrayType);
                break;
            case Representation.Stream when negotiation.Payloads is { } payloads:
                result.Formatters = [new EventStreamOutputFormatter(payloads)];
                result.ContentTypes = new MediaTypeCollection { EventStreamHeaders.ContentType };
                break;
            default:
                context.Result = new StatusCodeResult(StatusCodes.Status406NotAcceptable);
                break;
        }
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}
