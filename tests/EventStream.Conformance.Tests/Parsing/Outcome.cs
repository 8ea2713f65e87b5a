namespace EventStream.Conformance.Tests.Parsing;

/// <summary>An event as a page's <c>MessageEvent</c> has it.</summary>
internal sealed record Received(string Type, string Data, string LastEventId);

/// <summary>What a reader made of a stream.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="Position">
/// What its next request sends as <c>Last-Event-ID</c>; null where the reader came back too late for that to be seen.
/// </param>
/// <param name="Wait">How long it waits before that request.</param>
/// <param name="StopsInside">
/// Whether the stream stops inside an event, so that its end was a cut; null where the reader does not show it.
/// </param>
internal sealed record Outcome(IReadOnlyList<Received> Events, string? Position, Wait Wait, bool? StopsInside = null);
