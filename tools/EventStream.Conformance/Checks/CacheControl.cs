using EventStream.Conformance.Wire;

namespace EventStream.Conformance.Checks;

/// <summary>The directives of a response's <c>Cache-Control</c> (RFC 9111, 5.2).</summary>
internal sealed record CacheControl(string? Value)
{
    public string Seen => Value is null ? "no Cache-Control" : $"Cache-Control: {Printable.Of(Value)}";

    public static CacheControl Of(ResponseHead head) => new(head.Header("Cache-Control"));

    public bool Has(string directive) =>
        (Value ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(directive, StringComparer.OrdinalIgnoreCase);
}
