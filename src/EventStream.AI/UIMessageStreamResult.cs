using System.Reflection;
using EventStream.AI.Answers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace EventStream.AI;

/// <summary>A response that is a UI message stream of the AI SDK, or 204 if there is nothing to resume.</summary>
/// <remarks>
/// <c>Results.UIMessageStream</c> and <c>Results.ResumeUIMessageStream</c> return it; an MVC action may return it as well. It sets the
/// header <c>x-vercel-ai-ui-message-stream: v1</c>, and the protocol and the keep-alive that the AI SDK understands.
/// </remarks>
public sealed class UIMessageStreamResult : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private const string VersionHeader = "x-vercel-ai-ui-message-stream";

    private readonly EventStreamResult _stream;

    private UIMessageStreamResult(EventStreamResult stream) => _stream = stream;

    /// <summary>Streams the parts of an answer that ends with its request.</summary>
    /// <param name="parts">The parts, from <c>ToUIMessageStream</c>.</param>
    /// <param name="configure">
    /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
    /// </param>
    public UIMessageStreamResult(IAsyncEnumerable<EventStreamMessage> parts, Action<EventStreamOptions>? configure = null)
        : this(new EventStreamResult(parts, AnswerProtocol.UIMessages.Configure(configure)))
    {
    }

    /// <summary>Streams the parts of an answer that is a run: <c>() => hub.Run(…)</c>.</summary>
    /// <param name="run">Returns the run; see <see cref="EventStreamResult"/>.</param>
    /// <param name="configure">
    /// Changes the <see cref="EventStreamOptions"/> of this stream alone; null, the default, changes nothing.
    /// </param>
    public UIMessageStreamResult(Func<EventStreamRunRequest> run, Action<EventStreamOptions>? configure = null)
        : this(new EventStreamResult(run, configure: AnswerProtocol.UIMessages.Configure(configure)))
    {
    }

    /// <summary>200, unless the handler set another status, or there is nothing to resume.</summary>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary><c>text/event-stream</c>.</summary>
    public string ContentType => "text/event-stream";

    /// <summary>Streams the answer that is running in a channel, from its beginning; 204 if there is none.</summary>
    internal static UIMessageStreamResult OfRunning(string channel, Action<EventStreamOptions>? configure) =>
        new(Results.EventStreamRun(channel, configure: AnswerProtocol.UIMessages.Configure(configure)));

    /// <summary>Streams until the answer or the request ends, or the host stops.</summary>
    /// <param name="httpContext">The request to answer.</param>
    /// <exception cref="InvalidOperationException">
    /// The handler set a content type or a status that an event stream cannot have, or the app has not called <c>AddEventStreams</c>.
    /// </exception>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        httpContext.Response.Headers[VersionHeader] = "v1";
        return _stream.ExecuteAsync(httpContext);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        PopulateAs<EventStreamResult>(method, builder);

    // The endpoint is one of an event stream, with all that the library knows of such endpoints.
    private static void PopulateAs<T>(MethodInfo method, EndpointBuilder builder)
        where T : IEndpointMetadataProvider => T.PopulateMetadata(method, builder);
}
