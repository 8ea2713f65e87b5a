using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Negotiation;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore;

/// <summary>Lets MVC actions serve a sequence as a document or as an event stream, by the client's <c>Accept</c> header.</summary>
public static class EventStreamMvcBuilderExtensions
{
    private const string MvcIsNotTrimmed = "MVC supports neither trimming nor native AOT.";

    /// <summary>Adds an output formatter for <c>text/event-stream</c> to MVC.</summary>
    /// <remarks>
    /// <para>
    /// It applies to actions that return an <see cref="IAsyncEnumerable{T}"/>, also in a task or an <see cref="ActionResult{TValue}"/>. If
    /// the client prefers a stream, the action answers with one. If the client accepts nothing that the app can produce, it gets 406. In
    /// every other case the action answers as before. An action whose <see cref="ProducesAttribute"/> does not name
    /// <c>text/event-stream</c> does not change.
    /// </para>
    /// <para>
    /// The app's own formatters write the payloads of a stream; text and bytes are written unchanged. The formatter is chosen once for each
    /// request, by the first of these that is present:
    /// </para>
    /// <list type="number">
    /// <item><see cref="EventStreamOptions.DataMediaType"/>;</item>
    /// <item>MVC's <c>?format=</c> (<see cref="FormatFilterAttribute"/>);</item>
    /// <item>the other media types in <c>Accept</c>;</item>
    /// <item>the media types in <see cref="ProducesAttribute"/>;</item>
    /// <item>JSON.</item>
    /// </list>
    /// <para>Output caching and request timeouts do not apply to actions that may stream. Calling it twice changes nothing.</para>
    /// </remarks>
    /// <param name="builder">The builder that <c>AddControllers()</c> returns.</param>
    [RequiresUnreferencedCode(MvcIsNotTrimmed)]
    [RequiresDynamicCode(MvcIsNotTrimmed)]
    public static IMvcBuilder AddEventStreamFormatter(this IMvcBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<MvcOptions>(AddTo);
        return builder;
    }

    /// <summary>Adds the formatter to <c>AddMvcCore()</c>; see <see cref="AddEventStreamFormatter(IMvcBuilder)"/>.</summary>
    /// <param name="builder">The builder that <c>AddMvcCore()</c> returns.</param>
    [RequiresUnreferencedCode(MvcIsNotTrimmed)]
    [RequiresDynamicCode(MvcIsNotTrimmed)]
    public static IMvcCoreBuilder AddEventStreamFormatter(this IMvcCoreBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<MvcOptions>(AddTo);
        return builder;
    }

    [RequiresUnreferencedCode(MvcIsNotTrimmed)]
    [RequiresDynamicCode(MvcIsNotTrimmed)]
    private static void AddTo(MvcOptions options)
    {
        if (options.OutputFormatters.OfType<EventStreamOutputFormatter>().Any()) return;
        options.OutputFormatters.Add(new EventStreamOutputFormatter());
        options.Filters.Add(new NegotiationResultFilter());
        options.Conventions.Add(new NegotiationActionConvention());
    }
}
