using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Decides whether an action's sequence becomes a stream, a 406, or MVC's own result.</summary>
/// <remarks>
/// MVC's own selection ignores an <c>Accept</c> header that has <c>*/*</c>, or that nothing matches. It uses <c>?format=</c> as the type of
/// the whole response, and not of the payloads.
/// </remarks>
[RequiresUnreferencedCode(SequenceShape.UsesReflection)]
[RequiresDynamicCode(SequenceShape.UsesReflection)]
internal sealed class NegotiationResultFilter : IResultFilter, IOrderedFilter
{
    /// <summary>The last place, after [Produces] and [FormatFilter] have set their types.</summary>
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
