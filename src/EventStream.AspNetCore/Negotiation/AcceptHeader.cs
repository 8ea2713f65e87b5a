using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The media types that a client accepts, in its order of preference (RFC 9110, section 12.5.1).</summary>
/// <remarks>A missing or unreadable <c>Accept</c> header accepts everything.</remarks>
internal sealed class AcceptHeader
{
    private static readonly MediaTypeHeaderValue Everything = new("*/*");

    private readonly List<MediaTypeHeaderValue> _ranges;

    private AcceptHeader(List<MediaTypeHeaderValue> ranges) => _ranges = ranges;

    /// <summary>The types that the header names, the best first, without wildcards and refused types.</summary>
    public IEnumerable<string> NamedTypes =>
        from range in _ranges
        where !range.MatchesAllSubTypes && QualityOf(range) > 0
        orderby QualityOf(range) descending
        select range.MediaType.Value;

    public static AcceptHeader Of(HttpRequest request) => Parse(request.Headers.Accept);

    public static AcceptHeader Parse(StringValues accept) =>
        new(MediaTypeHeaderValue.TryParseList(accept, out var ranges) && ranges.Count > 0 ? [.. ranges] : [Everything]);

    /// <summary>Gets the client's preference for a type; null if the client does not accept it.</summary>
    /// <remarks>The most specific range that matches the type decides.</remarks>
    public AcceptRank? RankOf(string mediaType)
    {
        var matching = _ranges.FindAll(range => range.MatchesMediaType(mediaType));
        return matching.Count == 0 ? null : RankOf(matching.MaxBy(Specificity)!);
    }

    /// <summary>Whether the client accepts a range that the server serves, and does not prefer <paramref name="rival"/> to it.</summary>
    public bool Accepts(Func<string, bool> isServed, AcceptRank? rival) =>
        _ranges.Exists(range => RankOf(range) is { } rank && rival?.Beats(rank) is not true && isServed(range.MediaType.Value!));

    private AcceptRank? RankOf(MediaTypeHeaderValue range) =>
        QualityOf(range) is > 0 and var quality ? new AcceptRank(quality, _ranges.IndexOf(range)) : null;

    private static double QualityOf(MediaTypeHeaderValue range) => range.Quality ?? 1;

    private static int Specificity(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
}
