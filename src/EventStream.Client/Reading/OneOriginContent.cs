using System.Net;

namespace EventStream.Client.Reading;

/// <summary>The app's body, which throws if a handler's redirect takes it to another origin.</summary>
/// <remarks>
/// A handler that follows a redirect changes the request's address, and serializes the body a second time. A handler such as service
/// discovery chooses addresses itself, so the first address already differs from the app's. Then the body goes where the handler says.
/// </remarks>
internal sealed class OneOriginContent : HttpContent
{
    private readonly HttpContent _body;
    private readonly HttpRequestMessage _request;
    private readonly RequestTarget _target;
    private readonly Func<Uri, bool>? _isAllowed;
    private bool _hasBegunAtTarget;

    public OneOriginContent(HttpContent body, HttpRequestMessage request, RequestTarget target, Func<Uri, bool>? isAllowed)
    {
        _body = body;
        _request = request;
        _target = target;
        _isAllowed = isAllowed;
        foreach (var (name, values) in body.Headers.NonValidated) Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Check();
        return _body.CopyToAsync(stream, context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Headers.ContentLength ?? 0;
        return _body.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body.Dispose();
        base.Dispose(disposing);
    }

    private void Check()
    {
        if (_hasBegunAtTarget) Redirect.CheckTaken(_request.RequestUri, _target, _isAllowed);
        else _hasBegunAtTarget = _request.RequestUri is { IsAbsoluteUri: true } address && _target.IsOfOrigin(address);
    }
}
