using System.Buffers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Wire;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>A source whose payloads are made by one of MVC's formatters.</summary>
internal sealed class FormattedSource<T>(IAsyncEnumerable<SseItem<T>> items, PayloadFormat format) : FrameSource
{
    public override string? DataMediaType => format.MediaType;

    public override FrameCursor Open(JsonSerializerOptions json, string? lastEventId, CancellationToken cancellationToken) =>
        new SequenceCursor<FormattedItem>(FormatAsync(cancellationToken).GetAsyncEnumerator(cancellationToken), new Format(json));

    private async IAsyncEnumerable<FormattedItem> FormatAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var output = new FormatterOutput(format, cancellationToken);
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            yield return await FormatAsync(output, item, cancellationToken);
        }
    }

    private static async ValueTask<FormattedItem> FormatAsync(FormatterOutput output, SseItem<T> item, CancellationToken cancellationToken)
    {
        try
        {
            PayloadType<T>.RefuseFrame(item.Data);
            return new(item, await output.FormatAsync(typeof(T), item.Data), Failure: null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Thrown when the item is written, where OnError may leave it out: this sequence could not go on after a throw.
            return new(item, default, ExceptionDispatchInfo.Capture(exception));
        }
    }

    private readonly record struct FormattedItem(SseItem<T> Item, ReadOnlyMemory<byte> Data, ExceptionDispatchInfo? Failure);

    private sealed class Format(JsonSerializerOptions json) : FrameFormat<FormattedItem>
    {
        public override string? IdOf(FormattedItem item) => item.Item.EventId;

        public override int Write(IBufferWriter<byte> output, FormattedItem item)
        {
            item.Failure?.Throw();
            return FrameEncoder.Write(output, ToMessage(item), json);
        }

        private static EventStreamMessage ToMessage(FormattedItem item) => new()
        {
            Id = item.Item.EventId,
            Event = item.Item.EventType,
            Data = item.Data,
            Retry = item.Item.ReconnectionInterval,
        };
    }
}
