using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Showcase.Trading;

/// <summary>A response whose reader takes five beats for whatever is written at once: a stalled phone, without a phone.</summary>
internal sealed class SlowLine(PipeWriter line, Func<Task> read) : PipeWriter
{
    public static void Put(HttpContext context, Pace pace)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var line = new SlowLine(body.Writer, () => pace.WaitAsync(beats: 5, context.RequestAborted));
        context.Features.Set<IHttpResponseBodyFeature>(new LineBody(body, line));
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var result = await line.FlushAsync(cancellationToken);
        await read();
        return result;
    }

    public override void Advance(int bytes) => line.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => line.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => line.GetSpan(sizeHint);

    public override void CancelPendingFlush() => line.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => line.Complete(exception);
}
