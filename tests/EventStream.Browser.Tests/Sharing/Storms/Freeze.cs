namespace EventStream.Browser.Tests.Sharing.Storms;

/// <summary>When a tab stood still.</summary>
internal sealed record Freeze(string Tab, DateTimeOffset Start)
{
    /// <summary>When it ran again; null while it stands still.</summary>
    public DateTimeOffset? End { get; set; }
}
