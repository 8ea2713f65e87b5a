using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Writes a sequence as an event stream, for MVC.</summary>
/// <remarks>
/// The formatter in the app's options has no payload format: it writes nothing, and adds the media type to the API's description.
/// <see cref="NegotiationResultFilter"/>, which knows the format, creates the formatter that writes, one for each request.
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

    // Empty, because the response sets its own headers, and none on a 204.
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
