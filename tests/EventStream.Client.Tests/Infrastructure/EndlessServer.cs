using System.Net;
using System.Text;

namespace EventStream.Client.Tests.Infrastructure;

/// <summary>A server without a network that sends the same text again and again: no read of it ever waits, or looks at its token.</summary>
internal sealed class EndlessServer(string text) : HttpMessageHandler
{
    private readonly Body _body = new(Encoding.UTF8.GetBytes(text));

    /// <summary>Completes when a reading that <c>Task.Run</c> began has given its thread back: its next read is in no task.</summary>
    public Task Yielded => _body.Yielded.Task;

    public HttpClient Client => new(this, disposeHandler: false) { BaseAddress = new("http://endless/") };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = new StreamContent(_body);
        content.Headers.ContentType = new("text/event-stream");
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
    }

    protected override void Dispose(bool disposing)
    {
        _body.Stop();
        base.Dispose(disposing);
    }

    private sealed class Body(byte[] text) : MemoryStream
    {
        private volatile bool _isOver;

        public TaskCompletionSource Yielded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Ends a reading that nothing else ends, so that a failed test leaves the thread to the others.</summary>
        public void Stop() => _isOver = true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isOver) return new(0);
            if (Task.CurrentId is null) Yielded.TrySetResult();
            text.CopyTo(buffer.Span);
            return new(text.Length);
        }
    }
}
