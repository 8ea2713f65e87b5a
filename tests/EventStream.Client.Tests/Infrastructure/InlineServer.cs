using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace EventStream.Client.Tests.Infrastructure;

/// <summary>A server without a network: what it sends has been read by the client when <see cref="SendAsync(string)"/> returns.</summary>
internal sealed class InlineServer : HttpMessageHandler
{
    private readonly Pipe _body = new(
        new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    public HttpClient Client => new(this, disposeHandler: false) { BaseAddress = new("http://inline/") };

    public async Task SendAsync(string text) => await _body.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    public ValueTask EndAsync() => _body.Writer.CompleteAsync();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = new StreamContent(_body.Reader.AsStream());
        content.Headers.ContentType = new("text/event-stream");
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
    }
}
