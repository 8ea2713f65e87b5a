using System.Text;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Data as text.</summary>
internal sealed class TextEvents : IEventShape<ServerSentEvent>
{
    public static readonly TextEvents Instance = new();

    public bool TryTake(EventParser parser, StreamGap? gap, out ServerSentEvent message)
    {
        message = new() { Event = parser.Type, Data = Encoding.UTF8.GetString(parser.Data), LastEventId = parser.LastEventId, Gap = gap };
        return true;
    }
}
