using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The format of the payloads in one request's stream: one of MVC's formatters, and a media type that it writes.</summary>
internal sealed record PayloadFormat(HttpContext Request, IOutputFormatter Formatter, string MediaType);
