namespace EventStream.AspNetCore.Negotiation;

/// <summary>A rank in a client's order of preference: by quality, and then by the order in the header.</summary>
internal readonly record struct AcceptRank(double Quality, int Index) : IComparable<AcceptRank>
{
    /// <summary>Whether this rank is preferred. Of two types that the same range accepts, neither is.</summary>
    public bool Beats(AcceptRank? other) => other is not { } rank || CompareTo(rank) > 0;

    public int CompareTo(AcceptRank other) => Quality == other.Quality ? other.Index.CompareTo(Index) : Quality.CompareTo(other.Quality);
}
