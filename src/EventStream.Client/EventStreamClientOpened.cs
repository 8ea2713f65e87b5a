namespace EventStream.Client;

/// <summary>A stream has begun: its headers are there.</summary>
/// <param name="Connection">The number of the connection in this reading, from 1.</param>
/// <param name="LastEventId">The position that was asked for; empty if none was.</param>
/// <param name="Headers">The answer's headers.</param>
public readonly record struct EventStreamClientOpened(int Connection, string LastEventId, System.Net.Http.Headers.HttpResponseHeaders Headers);
