using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.WebUtilities;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The formatters of an MVC app that can write payloads.</summary>
internal sealed class PayloadFormats(HttpContext context, IEnumerable<IOutputFormatter> formatters)
{
    public const string Json = "application/json";

    /// <summary>Finds the first formatter that writes a <paramref name="type"/> as a media type; null if there is none.</summary>
    /// <param name="type">The type of the payload.</param>
    /// <param name="mediaType">The media type.</param>
    /// <param name="isServerDefined">
    /// Whether the app named the media type, and not the client. MVC matches <c>application/*+json</c> only for the app.
    /// </param>
    public PayloadFormat? Find(Type type, string mediaType, bool isServerDefined)
    {
        foreach (var formatter in formatters)
        {
            // The formatter for "no content" accepts every null, and there is no value yet.
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

    /// <summary>Gets JSON for a <paramref name="type"/>; without a formatter for JSON, the default of the app's first formatter.</summary>
    public PayloadFormat Default(Type type) => Find(type, Json, isServerDefined: true) ?? Find(type, "", isServerDefined: false)
        ?? throw new InvalidOperationException(
            $"MVC has no output formatter that writes a {type}. Add one to MvcOptions.OutputFormatters.");

    public static TextWriter CreateWriter(Stream stream, System.Text.Encoding encoding) => new HttpResponseStreamWriter(stream, encoding);
}
