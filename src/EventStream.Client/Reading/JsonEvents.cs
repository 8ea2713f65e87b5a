using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Makes events whose data is JSON.</summary>
internal sealed class JsonEvents<T>(JsonTypeInfo<T> type) : IEventShape<EventStreamClientEvent<T>>
{
    // Servers with EventStream.AspNetCore end the id of a completed stream's last event with it.
    private const string EndMark = ".end";
    private const int ShownBytes = 200;

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    public bool TryTake(EventParser parser, EventStreamClientGap? gap, out EventStreamClientEvent<T> message)
    {
        message = new() { Event = parser.Type, LastEventId = parser.LastEventId, Gap = gap };
        if (gap is not null) return true;
        // A priming event of an MCP server, or a keep-alive: it only moves the position.
        if (parser.Data.IndexOfAnyExcept(WhiteSpace) < 0) return false;
        try
        {
            message = message with { Data = JsonSerializer.Deserialize(parser.Data, type)! };
            return true;
        }
        catch (JsonException) when (parser.LastEventId.EndsWith(EndMark, StringComparison.Ordinal))
        {
            // The last event of a completed stream may have another shape. Nothing is lost: the next answer is 204.
            return false;
        }
        catch (JsonException error)
        {
            var shown = Encoding.UTF8.GetString(parser.Data[..Math.Min(parser.Data.Length, ShownBytes)]);
            throw new EventStreamClientException(
                $"The data of an event '{parser.Type}' with the last id '{parser.LastEventId}' is not JSON of {typeof(T)}: "
                + $"{error.Message} It begins: {shown}",
                lastEventId: parser.LastEventId,
                inner: error);
        }
    }
}
