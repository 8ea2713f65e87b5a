using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Writes a sequence as an event stream, for MVC.</summary>
/// <remarks>
/// The one in the app's options has no payloads: it writes nothing, and tells the API's description what the app serves. The one that
/// writes is made for a request by <see cref="NegotiationResultFilter"/>, which knows the payloads.
/// </remarks>
[RequiresUnreferencedCode(SequenceShape.UsesReflection)]
[RequiresDynamicCode(SequenceShape.UsesReflection)]
internal sealed class EventStreamOutputFormatter : OutputFormatter
{
    private readonly PayloadFormat? _payloads;

    public EventStreamOutputFormatter(PayloadFormat? payloads = null)
    {
        _payloads = payloads;
        SupportedMediaTypes.Add(EventStreamHeaders.ContentType);
    }

    public override bool CanWriteResult(OutputFormatterCanWriteContext context) => _payloads is not null && base.CanWriteResult(context);

    // The response sets its own, and not on a 204.
    public override void WriteResponseHeaders(OutputFormatterWriteContext context)
    {
    }

    public override Task WriteResponseBodyAsync(OutputFormatterWriteContext context)
    {
        var shape = SequenceShape.Of(context.ObjectType)!;
        return EventStreamResponse.RunAsync(context.HttpContext, shape.ToSource(context.Object!, _payloads), configure: null);
    }

    protected override bool CanWriteType(Type? type) => SequenceShape.Of(type) is not null;
}
