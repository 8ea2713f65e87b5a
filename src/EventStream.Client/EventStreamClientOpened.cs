using System.Net.Http.Headers;

namespace EventStream.Client;

/// <summary>Describes a stream that has begun: the answer's headers have arrived.</summary>
/// <param name="Connection">The number of the connection in this reading, from 1.</param>
/// <param name="LastEventId">The position that the client asked for; empty if it asked for none.</param>
/// <param name="Headers">The answer's headers.</param>
public readonly record struct EventStreamClientOpened(int Connection, string LastEventId, HttpResponseHeaders Headers);
