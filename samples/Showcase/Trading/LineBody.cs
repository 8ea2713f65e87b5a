using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Showcase.Trading;

/// <summary>The body of a response that is written to a line of its own.</summary>
internal sealed class LineBody(IHttpResponseBodyFeature body, PipeWriter line) : IHttpResponseBodyFeature
{
    public PipeWriter Writer => line;

    public Stream Stream => body.Stream;

    public void DisableBuffering() => body.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);

    public Task CompleteAsync() => body.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        body.SendFileAsync(path, offset, count, cancellationToken);
}
