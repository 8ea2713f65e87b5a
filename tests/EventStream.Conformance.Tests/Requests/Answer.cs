namespace EventStream.Conformance.Tests.Requests;

/// <summary>An answer that the server gives.</summary>
/// <param name="Status">Its status.</param>
/// <param name="ContentType">Its content type; null for none.</param>
/// <param name="Location">Its <c>Location</c>; null for none.</param>
/// <param name="IsCut">Whether its body breaks off.</param>
/// <param name="Body">The bytes of its body; null for none.</param>
internal sealed record Answer(
    int Status, string? ContentType = "text/event-stream", string? Location = null, bool IsCut = false, byte[]? Body = null);
