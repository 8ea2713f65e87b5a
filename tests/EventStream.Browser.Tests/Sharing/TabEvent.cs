namespace EventStream.Browser.Tests.Sharing;

/// <summary>What a tab has seen of its stream.</summary>
/// <param name="Type">The event's name: <c>open</c>, <c>error</c> and <c>closed</c>, too.</param>
/// <param name="Data">The number of a message; of <c>closed</c> the reason, of <c>error</c> the status.</param>
/// <param name="Carrier">The tab whose connection brought the message, where the server says so.</param>
/// <param name="At">When it came, in milliseconds since 1970.</param>
internal sealed record TabEvent(string Type, string Data, string? Carrier, long At);
