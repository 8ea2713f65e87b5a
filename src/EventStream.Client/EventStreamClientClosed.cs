namespace EventStream.Client;

/// <summary>Describes a connection that was opened and is now closed.</summary>
/// <param name="Connection">The number of the connection in this reading, from 1.</param>
/// <param name="Events">How many events the connection delivered.</param>
/// <param name="Error">
/// The exception that broke the connection; an end inside an event counts as a break. Null if the stream ended cleanly, if the app left
/// the loop, or if the reading itself failed.
/// </param>
public readonly record struct EventStreamClientClosed(int Connection, long Events, Exception? Error);
