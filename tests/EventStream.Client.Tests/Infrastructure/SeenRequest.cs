namespace EventStream.Client.Tests.Infrastructure;

internal sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body, DateTimeOffset At)
{
    /// <summary>The value of a header; null if it was not sent.</summary>
    public string? this[string header] => Headers.GetValueOrDefault(header);
}
