using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>
/// What a client accepts, in its own order of preference (RFC 9110, section 12.5.1). No <c>Accept</c>, and one that cannot be read, accept
/// everything.
/// </summary>
internal sealed class AcceptHeader
{
    private static readonly MediaTypeHeaderValue Everything = new("*/*");

    private readonly List<MediaTypeHeaderValue> _ranges;

    private AcceptHeader(List<MediaTypeHeaderValue> ranges) => _ranges = ranges;

    /// <summary>The types it names, the best first, without wildcards and without what it refuses.</summary>
    public IEnumerable<string> NamedTypes =>
        from range in _ranges
        where !range.MatchesAllSubTypes && QualityOf(range) > 0
        orderby QualityOf(range) descending
        select range.MediaType.Value;

    public static AcceptHeader Of(HttpRequest request) => Parse(request.Headers.Accept);

    public static AcceptHeader Parse(StringValues accept) =>
        new(MediaTypeHeaderValue.TryParseList(accept, out var ranges) && ranges.Count > 0 ? [.. ranges] : [Everything]);

    /// <summary>
    /// How much the client likes a type: what the most specific range says that matches it; null if it does not accept it.
    /// </summary>
    public AcceptRank? RankOf(string mediaType)
    {
        var matching = _ranges.FindAll(range => range.MatchesMediaType(mediaType));
        return matching.Count == 0 ? null : RankOf(matching.MaxBy(Specificity)!);
    }

    /// <summary>Whether a range that <paramref name="rival"/> does not beat is one that <paramref name="isServed"/> says yes to.</summary>
    public bool Accepts(Func<string, bool> isServed, AcceptRank? rival) =>
        _ranges.Exists(range => RankOf(range) is { } rank && rival?.Beats(rank) is not true && isServed(range.MediaType.Value!));

    private AcceptRank? RankOf(MediaTypeHeaderValue range) =>
        QualityOf(range) is > 0 and var quality ? new AcceptRank(quality, _ranges.IndexOf(range)) : null;

    private static double QualityOf(MediaTypeHeaderValue range) => range.Quality ?? 1;

    private static int Specificity(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
}
