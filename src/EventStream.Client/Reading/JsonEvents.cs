using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Data as JSON.</summary>
internal sealed class JsonEvents<T>(JsonTypeInfo<T> type) : IEventShape<EventStreamClientEvent<T>>
{
    // The id of the last event of a stream that is complete ends like this, on servers of EventStream.AspNetCore.
    private const string EndMark = ".end";
    private const int ShownBytes = 200;

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    public bool TryTake(EventParser parser, EventStreamClientGap? gap, out EventStreamClientEvent<T> message)
    {
        message = new() { Event = parser.Type, LastEventId = parser.LastEventId, Gap = gap };
        if (gap is not null) return true;
        // A priming event, as MCP servers send, or a keep-alive: it moves the position, and that is all.
        if (parser.Data.IndexOfAnyExcept(WhiteSpace) < 0) return false;
        try
        {
            message = message with { Data = JsonSerializer.Deserialize(parser.Data, type)! };
            return true;
        }
        catch (JsonException) when (parser.LastEventId.EndsWith(EndMark, StringComparison.Ordinal))
        {
            // A last word in another shape is no fault: the next answer is 204.
            return false;
        }
        catch (JsonException error)
        {
            var shown = Encoding.UTF8.GetString(parser.Data[..Math.Min(parser.Data.Length, ShownBytes)]);
            throw new EventStreamClientException(
                $"The data of an event '{parser.Type}' with the last id '{parser.LastEventId}' is no JSON of {typeof(T)}: {error.Message} It begins: {shown}",
                lastEventId: parser.LastEventId,
                inner: error);
        }
    }
}
