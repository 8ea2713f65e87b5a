using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>How the payloads of one request's stream are made: by one of MVC's formatters, as a media type that it writes.</summary>
internal sealed record PayloadFormat(HttpContext Request, IOutputFormatter Formatter, string MediaType);
