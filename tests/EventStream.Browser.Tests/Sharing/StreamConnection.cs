namespace EventStream.Browser.Tests.Sharing;

/// <summary>A request for a stream, as the server saw it.</summary>
/// <param name="Tab">The tab that made the request's headers.</param>
/// <param name="Path">The path of the request, with its query.</param>
/// <param name="Position">The request's <c>Last-Event-ID</c>, or null.</param>
/// <param name="Opened">When the request came.</param>
internal sealed record StreamConnection(string Tab, string Path, string? Position, DateTimeOffset Opened)
{
    /// <summary>When the response ended; null while it is open.</summary>
    public DateTimeOffset? Closed { get; set; }

    public bool IsOpen => Closed is null;
}
