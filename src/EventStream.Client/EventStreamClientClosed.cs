namespace EventStream.Client;

/// <summary>A connection that was opened is over.</summary>
/// <param name="Connection">The number of the connection in this reading, from 1.</param>
/// <param name="Events">How many events it brought.</param>
/// <param name="Error">
/// What broke it, an end inside an event included; null if it ended cleanly, if the reader left, or if the reading itself failed.
/// </param>
public readonly record struct EventStreamClientClosed(int Connection, long Events, Exception? Error);
