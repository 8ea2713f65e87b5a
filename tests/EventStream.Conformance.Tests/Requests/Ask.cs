namespace EventStream.Conformance.Tests.Requests;

/// <summary>A request as the server saw it.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path, below the row's own.</param>
/// <param name="Position">Its <c>Last-Event-ID</c>; null if it has none.</param>
/// <param name="Header">The header that the row names, <c>name: value</c>; null if it is not there.</param>
/// <param name="Body">Its body; null if there is none.</param>
internal sealed record Ask(string Method, string Path = "/", string? Position = null, string? Header = null, string? Body = null)
{
    public string Accept { get; init; } = "text/event-stream";

    public string CacheControl { get; init; } = "no-cache";

    public override string ToString() => string.Join(' ', Parts());

    private IEnumerable<string> Parts()
    {
        yield return $"{Method} {Path}";
        if (Accept != "text/event-stream") yield return $"Accept '{Accept}'";
        if (CacheControl != "no-cache") yield return $"Cache-Control '{CacheControl}'";
        if (Position is not null) yield return $"position '{Position}'";
        if (Header is not null) yield return $"header '{Header}'";
        if (Body is not null) yield return $"body '{Body}'";
    }
}
