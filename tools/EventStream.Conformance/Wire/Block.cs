namespace EventStream.Conformance.Wire;

/// <summary>What stands between two blank lines of a stream (WHATWG HTML, 9.2.6).</summary>
/// <param name="Id">Its <c>id</c>, empty where that is empty; null where there is none, or it has a NUL.</param>
/// <param name="Type">Its event type: <c>message</c> where none is given.</param>
/// <param name="Data">Its data lines, joined by LF; null where there is none.</param>
/// <param name="HasComment">Whether a comment stands in it.</param>
internal sealed record Block(string? Id, string Type, string? Data, bool HasComment)
{
    /// <summary>Whether a client dispatches it.</summary>
    public bool IsEvent => Data is not null;
}
