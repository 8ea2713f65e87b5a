using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>What a reader gets of an event.</summary>
internal interface IEventShape<TEvent>
{
    TEvent Take(EventParser parser, StreamGap? gap);
}
