namespace EventStream.Testing.Tests.Infrastructure;

/// <summary>Throws instead of the second answer.</summary>
internal sealed class Failing(Exception exception) : DelegatingHandler
{
    private int _requests;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Interlocked.Increment(ref _requests) == 2
            ? Task.FromException<HttpResponseMessage>(exception)
            : base.SendAsync(request, cancellationToken);
}
