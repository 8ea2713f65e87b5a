using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EventStream.AspNetCore.Sources;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The shape of a sequence of bare payloads.</summary>
internal sealed class ValueShape<T> : SequenceShape
{
    public override Type PayloadType => typeof(T);

    public override bool HoldsFrames => false;

    public override Type ArrayType => typeof(IAsyncEnumerable<T>);

    public override bool Fits(object? value) => value is IAsyncEnumerable<T>;

    public override FrameSource ToSource(object sequence, PayloadFormat? format)
    {
        var values = (IAsyncEnumerable<T>)sequence;
        return format is null || PayloadType<T>.IsText
            ? new ValueSource<T>(values, json: null)
            : new FormattedSource<T>(AsItems(values), format);
    }

    public override object ToArray(object sequence, HttpContext context) =>
        PayloadType<T>.MayHideFrame ? WithoutFrames((IAsyncEnumerable<T>)sequence) : sequence;

    private static async IAsyncEnumerable<T> WithoutFrames(
        IAsyncEnumerable<T> values, [EnumeratorCancellation] CancellationToken token = default)
    {
        await foreach (var value in values.WithCancellation(token))
        {
            PayloadType<T>.RefuseFrame(value);
            yield return value;
        }
    }

    private static async IAsyncEnumerable<SseItem<T>> AsItems(
        IAsyncEnumerable<T> values, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var value in values.WithCancellation(cancellationToken)) yield return new(value);
    }
}
