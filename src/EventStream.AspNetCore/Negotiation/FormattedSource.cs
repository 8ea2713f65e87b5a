using System.Buffers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>A source whose payloads one of MVC's formatters writes.</summary>
internal sealed class FormattedSource<T>(IAsyncEnumerable<SseItem<T>> items, PayloadFormat format) : FrameSource
{
    public override string? DataMediaType => TextPayload<T>.IsSometimes ? null : format.MediaType;

    public override FrameCursor Open(HttpContext context, StreamFormat format, string? lastEventId, CancellationToken cancellationToken) =>
        new Cursor(FormatAsync(cancellationToken).GetAsyncEnumerator(cancellationToken), format);

    private async IAsyncEnumerable<FormattedItem> FormatAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var output = new FormatterOutput(format, cancellationToken);
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            yield return await FormatAsync(output, item, cancellationToken);
            output.Clear();
        }
    }

    private static async ValueTask<FormattedItem> FormatAsync(FormatterOutput output, SseItem<T> item, CancellationToken cancellationToken)
    {
        try
        {
            PayloadType<T>.RefuseFrame(item.Data);
            if (TextPayload<T>.Is(item.Data, out var text)) return new(item, text, Failure: null);
            return new(item, await output.FormatAsync(typeof(T), item.Data), Failure: null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Rethrown when the item is written, so that OnError can skip it. If this sequence threw, it could not continue.
            return new(item, default, ExceptionDispatchInfo.Capture(exception));
        }
    }

    private readonly record struct FormattedItem(SseItem<T> Item, EventStreamData Data, ExceptionDispatchInfo? Failure);

    private sealed class Cursor(IAsyncEnumerator<FormattedItem> items, StreamFormat format)
        : SequenceCursor<FormattedItem>(items, format.OfPlainSource)
    {
        private readonly JsonSerializerOptions _json = format.Json;

        protected override int Write(IBufferWriter<byte> output, in FormattedItem item, out string? id)
        {
            id = item.Item.EventId;
            item.Failure?.Throw();
            ReservedEvents.Check(item.Item.EventType, Protocol);
            return FrameEncoder.Write(
                output,
                new() { Id = id, Event = item.Item.EventType, Data = item.Data, Retry = item.Item.ReconnectionInterval },
                _json);
        }
    }
}
