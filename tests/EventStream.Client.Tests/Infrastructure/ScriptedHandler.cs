using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace EventStream.Client.Tests.Infrastructure;

/// <summary>Answers a request, given its token.</summary>
internal delegate Task<HttpResponseMessage> Answer(CancellationToken stop);

/// <summary>A handler without a network whose answers a test writes: one after the other, and then 204.</summary>
internal sealed class ScriptedHandler(params Answer[] answers) : HttpMessageHandler
{
    private readonly ConcurrentQueue<Answer> _answers = new(answers);
    private readonly ConcurrentQueue<string?> _positions = new();

    public HttpClient Client => new(this, disposeHandler: false) { BaseAddress = new("http://scripted/") };

    /// <summary>The position of each request so far; null where it had none.</summary>
    public IReadOnlyCollection<string?> Positions => _positions;

    public static Answer Stream(string text) => Body(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    public static Answer Body(Stream body) => Content(new StreamContent(body));

    public static Answer Content(HttpContent content, HttpStatusCode status = HttpStatusCode.OK) => _ =>
    {
        content.Headers.ContentType = new("text/event-stream");
        return Task.FromResult(new HttpResponseMessage(status) { Content = content });
    };

    /// <summary>Fails before there is a task.</summary>
    public static Answer Throws(Exception error) => _ => throw error;

    /// <summary>Fails by its task, later.</summary>
    public static Answer Fails(Exception error) => async _ =>
    {
        await Task.Yield();
        throw error;
    };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _positions.Enqueue(request.Headers.TryGetValues("Last-Event-ID", out var ids) ? ids.Single() : null);
        if (_answers.TryDequeue(out var answer)) return answer(cancellationToken);
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
    }
}
