using System.Text;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Makes events whose data is text.</summary>
internal sealed class TextEvents : IEventShape<EventStreamClientEvent>
{
    public static readonly TextEvents Instance = new();

    public bool TryTake(EventParser parser, EventStreamClientGap? gap, out EventStreamClientEvent message)
    {
        message = new() { Event = parser.Type, Data = Encoding.UTF8.GetString(parser.Data), LastEventId = parser.LastEventId, Gap = gap };
        return true;
    }
}
