using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventStream.AspNetCore.Responses;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Timing;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The shape of a sequence of messages.</summary>
/// <remarks>An array has their data as JSON: objects unchanged, and text and bytes as strings.</remarks>
internal sealed class MessageShape : SequenceShape
{
    public override Type PayloadType => typeof(EventStreamData);

    public override bool HoldsFrames => true;

    public override Type ArrayType => typeof(IAsyncEnumerable<JsonElement>);

    public override bool Fits(object? value) => value is IAsyncEnumerable<EventStreamMessage>;

    public override FrameSource ToSource(object sequence, PayloadFormat? format) =>
        new MessageSource((IAsyncEnumerable<EventStreamMessage>)sequence);

    public override object ToArray(object sequence, HttpContext context) =>
        PayloadsOf((IAsyncEnumerable<EventStreamMessage>)sequence, StreamHost.Of(context).Json);

    private static async IAsyncEnumerable<JsonElement> PayloadsOf(
        IAsyncEnumerable<EventStreamMessage> messages,
        JsonSerializerOptions json,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Turn turn = default;
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            if (message.Data.HasValue) yield return ToJson(message.Data, json);

            // The serializer gets nothing for a message without data. So it cannot yield, or notice that the client has left.
            cancellationToken.ThrowIfCancellationRequested();
            if (turn.IsOver()) await Task.Yield();
        }
    }

    private static JsonElement ToJson(EventStreamData data, JsonSerializerOptions json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            if (data.Json is { } payload) payload.Write(writer, json);
            else writer.WriteStringValue(data.ToString());
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
