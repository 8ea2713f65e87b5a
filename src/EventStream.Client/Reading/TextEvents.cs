using System.Text;
using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Data as text.</summary>
internal sealed class TextEvents : IEventShape<ServerSentEvent>
{
    public static readonly TextEvents Instance = new();

    public ServerSentEvent Take(EventParser parser, StreamGap? gap) =>
        new() { Event = parser.Type, Data = Encoding.UTF8.GetString(parser.Data), LastEventId = parser.LastEventId, Gap = gap };
}
