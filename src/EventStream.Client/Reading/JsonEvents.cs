using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Data as JSON.</summary>
internal sealed class JsonEvents<T>(JsonTypeInfo<T> type) : IEventShape<ServerSentEvent<T>>
{
    private const int ShownBytes = 200;

    public ServerSentEvent<T> Take(EventParser parser, StreamGap? gap) => new()
    {
        Event = parser.Type,
        Data = gap is null ? Read(parser) : default!,
        LastEventId = parser.LastEventId,
        Gap = gap,
    };

    private T Read(EventParser parser)
    {
        try
        {
            return JsonSerializer.Deserialize(parser.Data, type)!;
        }
        catch (JsonException error)
        {
            var shown = Encoding.UTF8.GetString(parser.Data[..Math.Min(parser.Data.Length, ShownBytes)]);
            throw new EventStreamException(
                $"The data of an event '{parser.Type}' with the last id '{parser.LastEventId}' is no JSON of {typeof(T)}: {error.Message} It begins: {shown}",
                lastEventId: parser.LastEventId,
                inner: error);
        }
    }
}
