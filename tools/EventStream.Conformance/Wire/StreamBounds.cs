namespace EventStream.Conformance.Wire;

/// <summary>How much of a stream the tool keeps, whatever a server sends.</summary>
internal static class StreamBounds
{
    /// <summary>The most bytes of one line, and of the data of one message.</summary>
    public const int Longest = 4 << 20;

    /// <summary>The most reads that are ahead of what a check has looked at. Beyond it the server waits for a slow reader.</summary>
    public const int PiecesAhead = 64;

    /// <summary>The most bytes of one read.</summary>
    public const int Piece = 16 * 1024;
}
