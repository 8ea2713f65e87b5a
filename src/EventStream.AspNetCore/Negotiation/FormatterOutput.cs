using System.Text;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Runs MVC's formatters against a response that is memory: they know no other place to write to.</summary>
/// <remarks>Used by one loop, one payload at a time; the bytes of a payload are good until the next.</remarks>
internal sealed class FormatterOutput
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly PayloadFormat _format;
    private readonly MemoryStream _body = new();
    private readonly DefaultHttpContext _context;
    private readonly CancellationToken _cancellationToken;

    public FormatterOutput(PayloadFormat format, CancellationToken cancellationToken)
    {
        var features = new FeatureCollection(format.Request.Features);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancellationToken });
        _context = new DefaultHttpContext(features);
        _format = format;
        _cancellationToken = cancellationToken;
    }

    public async ValueTask<ReadOnlyMemory<byte>> FormatAsync(Type declaredType, object? value)
    {
        // A formatter that failed may have left half a payload in the body's pipe, so each has a pipe of its own.
        Clear();
        _context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_body));
        var type = declaredType == typeof(object) && value is not null ? value.GetType() : declaredType;
        var payload = new OutputFormatterWriteContext(_context, PayloadFormats.CreateWriter, type, value)
        {
            ContentType = _format.MediaType,
            ContentTypeIsServerDefined = true,
        };

        // An event stream is UTF-8, whatever the client's Accept-Charset says.
        await (_format.Formatter is TextOutputFormatter text
            ? text.WriteResponseBodyAsync(payload, Utf8)
            : _format.Formatter.WriteAsync(payload));
        await _context.Response.BodyWriter.FlushAsync(_cancellationToken);

        // MVC's JSON formatter swallows the cancellation, and leaves half a document.
        _cancellationToken.ThrowIfCancellationRequested();
        return _body.GetBuffer().AsMemory(0, (int)_body.Length);
    }

    /// <summary>Drops the payload, and its memory if that is large, because the stream may now be silent for long.</summary>
    public void Clear()
    {
        _body.SetLength(0);
        if (_body.Capacity > FrameArrays.LargestPooled) _body.Capacity = 0;
    }
}
