using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.WebUtilities;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The formatters that an MVC app has for payloads, and what they can write.</summary>
internal sealed class PayloadFormats(HttpContext context, IEnumerable<IOutputFormatter> formatters)
{
    public const string Json = "application/json";

    /// <summary>The first formatter that writes a <paramref name="type"/> as <paramref name="mediaType"/>; null if there is none.</summary>
    /// <param name="type">The type of the payload.</param>
    /// <param name="mediaType">The media type.</param>
    /// <param name="isServerDefined">
    /// Whether the app named it, and not the client: MVC matches <c>application/*+json</c> for the app alone.
    /// </param>
    public PayloadFormat? Find(Type type, string mediaType, bool isServerDefined)
    {
        foreach (var formatter in formatters)
        {
            // The formatter for "no content" takes every null, and there is no value yet.
            if (formatter is EventStreamOutputFormatter or HttpNoContentOutputFormatter) continue;
            var question = new OutputFormatterWriteContext(context, CreateWriter, type, @object: null)
            {
                ContentType = mediaType,
                ContentTypeIsServerDefined = isServerDefined,
            };
            if (formatter.CanWriteResult(question)) return new(context, formatter, question.ContentType.Value ?? mediaType);
        }

        return null;
    }

    /// <summary>
    /// JSON, or, where the app has no formatter for that, whatever its first formatter makes of a <paramref name="type"/>.
    /// </summary>
    public PayloadFormat Default(Type type) => Find(type, Json, isServerDefined: true) ?? Find(type, "", isServerDefined: false)
        ?? throw new InvalidOperationException(
            $"MVC has no output formatter that writes a {type}. Add one to MvcOptions.OutputFormatters.");

    public static TextWriter CreateWriter(Stream stream, System.Text.Encoding encoding) => new HttpResponseStreamWriter(stream, encoding);
}
