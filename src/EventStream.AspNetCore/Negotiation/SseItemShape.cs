using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The shape of a sequence of the framework's items. An array has their payloads.</summary>
internal sealed class SseItemShape<T> : SequenceShape
{
    public override Type PayloadType => typeof(T);

    public override bool HoldsFrames => true;

    public override Type ArrayType => typeof(IAsyncEnumerable<T>);

    public override bool Fits(object? value) => value is IAsyncEnumerable<SseItem<T>>;

    public override FrameSource ToSource(object sequence, PayloadFormat? format)
    {
        var items = (IAsyncEnumerable<SseItem<T>>)sequence;
        return format is null || PayloadType<T>.IsText ? new SseItemSource<T>(items, json: null) : new FormattedSource<T>(items, format);
    }

    public override object ToArray(object sequence, HttpContext context) => PayloadsOf((IAsyncEnumerable<SseItem<T>>)sequence);

    private static async IAsyncEnumerable<T> PayloadsOf(
        IAsyncEnumerable<SseItem<T>> items, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            PayloadType<T>.RefuseFrame(item.Data);
            yield return item.Data;
        }
    }
}
