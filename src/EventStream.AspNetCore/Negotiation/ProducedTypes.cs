using EventStream.AspNetCore.Responses;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Negotiation;

/// <summary>The media types that an MVC action declares to produce. Without a declaration, every type is allowed.</summary>
internal sealed class ProducedTypes(IEnumerable<string> mediaTypes)
{
    private readonly List<string> _documents = [.. mediaTypes.Where(mediaType => !IsStream(mediaType))];

    public bool IsAnything => !mediaTypes.Any();

    public bool AllowStream => IsAnything || mediaTypes.Any(IsStream);

    /// <summary>The declared types, without the event stream.</summary>
    public IReadOnlyList<string> Documents => _documents;

    /// <summary>Gets the types of the last [Produces] among the filters; null if it names none.</summary>
    public static ProducedTypes? Of(IEnumerable<IFilterMetadata> filters) =>
        filters.OfType<ProducesAttribute>().LastOrDefault() is { ContentTypes: { Count: > 0 } types } ? new(types) : null;

    public bool HaveDocumentIn(string range) => _documents.Exists(mediaType => new MediaType(mediaType).IsSubsetOf(new MediaType(range)));

    private static bool IsStream(string mediaType) => new MediaType(mediaType).IsSubsetOf(new MediaType(EventStreamHeaders.ContentType));
}
