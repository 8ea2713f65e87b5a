using System.Text;
using EventStream.AspNetCore.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>Runs MVC's formatters, which only write to a response, against a response in memory.</summary>
/// <remarks>Used by one loop, one payload at a time. The bytes of a payload are valid until the next.</remarks>
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
        // Each payload has its own pipe, because a formatter that failed may have left a part of its payload in the last one.
        Clear();
        _context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_body));
        var type = declaredType == typeof(object) && value is not null ? value.GetType() : declaredType;
        var payload = new OutputFormatterWriteContext(_context, PayloadFormats.CreateWriter, type, value)
        {
            ContentType = _format.MediaType,
            ContentTypeIsServerDefined = true,
        };

        // Always UTF-8, as an event stream must be, even if the client's Accept-Charset names another.
        await (_format.Formatter is TextOutputFormatter text
            ? text.WriteResponseBodyAsync(payload, Utf8)
            : _format.Formatter.WriteAsync(payload));
        await _context.Response.BodyWriter.FlushAsync(_cancellationToken);

        // MVC's JSON formatter ignores the exception of a cancellation, and leaves an incomplete document.
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
