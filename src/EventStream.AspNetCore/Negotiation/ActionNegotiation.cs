using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>One negotiation between a client and an MVC action that returns a sequence.</summary>
internal sealed class ActionNegotiation
{
    private readonly AcceptHeader _accept;
    private readonly PayloadFormats _formats;
    private readonly SequenceShape _shape;
    private readonly string? _explicitType;
    private readonly string? _requestedType;
    private readonly ProducedTypes _produced;

    public ActionNegotiation(ResultExecutingContext context, ObjectResult result, SequenceShape shape, MvcOptions mvc)
    {
        var http = context.HttpContext;
        _accept = AcceptHeader.Of(http.Request);
        _formats = new PayloadFormats(http, mvc.OutputFormatters);
        _shape = shape;
        _explicitType = StreamHost.Of(http).Options.DataMediaType;
        var format = context.Filters.OfType<FormatFilter>().FirstOrDefault()?.GetFormat(context);
        _requestedType = format is null ? null : mvc.FormatterMappings.GetMediaTypeMappingForFormat(format);

        // The format filter has replaced the types that the action declares by its own.
        _produced = ProducedTypes.Of(context.Filters) ?? new ProducedTypes(_requestedType is null ? result.ContentTypes : []);
    }

    public Representation Representation
    {
        get
        {
            if (!_produced.AllowStream) return Representation.Array;
            var stream = _accept.RankOf(EventStreamHeaders.ContentType);
            if (_accept.Accepts(IsArrayServedAs, stream)) return Representation.Array;
            if (stream is not null) return Representation.Stream;

            // In MVC, ?format= has precedence over Accept.
            return _requestedType is null ? Representation.None : Representation.Array;
        }
    }

    /// <summary>The format of the stream's payloads; null if the request names a format that no formatter of the app writes.</summary>
    public PayloadFormat? Payloads
    {
        get
        {
            var type = _shape.PayloadType;
            if (_explicitType is not null) return _formats.Find(type, _explicitType, isServerDefined: true) ?? _formats.Default(type);
            if (_requestedType is not null) return _formats.Find(type, _requestedType, isServerDefined: true);
            var named = _produced.IsAnything
                ? FirstOf(_accept.NamedTypes, isServerDefined: false)
                : FirstOf(_produced.Documents.OrderByDescending(document => _accept.RankOf(document)), isServerDefined: true);
            return named ?? _formats.Default(type);
        }
    }

    private PayloadFormat? FirstOf(IEnumerable<string> mediaTypes, bool isServerDefined) => mediaTypes
        .Select(mediaType => _formats.Find(_shape.PayloadType, mediaType, isServerDefined))
        .FirstOrDefault(format => format is not null);

    private bool IsArrayServedAs(string range) => _produced.IsAnything
        ? range == "*/*" || _formats.Find(_shape.ArrayType, range, isServerDefined: false) is not null
        : _produced.HaveDocumentIn(range);
}
