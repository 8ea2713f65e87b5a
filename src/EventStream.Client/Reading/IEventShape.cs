using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>What a reader gets of an event.</summary>
internal interface IEventShape<TEvent>
{
    /// <summary>Makes what the reader gets of the event that was parsed; false if it gets nothing of it.</summary>
    bool TryTake(EventParser parser, EventStreamClientGap? gap, out TEvent message);
}
