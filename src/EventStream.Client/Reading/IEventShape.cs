using EventStream.Client.Parsing;

namespace EventStream.Client.Reading;

/// <summary>Turns parsed events into the type that the app reads.</summary>
internal interface IEventShape<TEvent>
{
    /// <summary>Makes the app's event from the parsed one; false if the app gets none.</summary>
    bool TryTake(EventParser parser, EventStreamClientGap? gap, out TEvent message);
}
