using System.Diagnostics.CodeAnalysis;
using EventStream.AspNetCore.Negotiation;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace EventStream.AspNetCore;

/// <summary>Lets MVC's actions serve one sequence as a document or as an event stream, as the client asks.</summary>
public static class EventStreamMvcBuilderExtensions
{
    private const string MvcIsNotTrimmed = "MVC supports neither trimming nor native AOT.";

    /// <summary>
    /// Adds an output formatter for <c>text/event-stream</c>: an action that returns an <see cref="IAsyncEnumerable{T}"/> (also in a task,
    /// or an
    /// <see cref="ActionResult{TValue}"/>) answers with a stream where the client prefers one, with 406 where it accepts nothing that the
    /// app makes, and as before in every other case.
    /// </summary>
    /// <remarks>
    /// The payloads of a stream are made by the app's own formatters, chosen once a request: by
    /// <see cref="EventStreamOptions.DataMediaType"/>, else by MVC's
    /// <c>?format=</c> (<see cref="FormatFilterAttribute"/>), else by the other media types in <c>Accept</c>, else by those in
    /// <see cref="ProducesAttribute"/>, else JSON. Text and bytes are written as they are. An action whose <see cref="ProducesAttribute"/>
    /// does not name
    /// <c>text/event-stream</c> is left alone. Actions that may stream are neither cached by output caching nor ended by request timeouts.
    /// Calling it twice changes nothing.
    /// </remarks>
    /// <param name="builder">What <c>AddControllers()</c> returned.</param>
    [RequiresUnreferencedCode(MvcIsNotTrimmed)]
    [RequiresDynamicCode(MvcIsNotTrimmed)]
    public static IMvcBuilder AddEventStreamFormatter(this IMvcBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<MvcOptions>(AddTo);
        return builder;
    }

    /// <summary>The same for <c>AddMvcCore()</c>; see <see cref="AddEventStreamFormatter(IMvcBuilder)"/>.</summary>
    /// <param name="builder">What <c>AddMvcCore()</c> returned.</param>
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
