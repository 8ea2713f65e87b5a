namespace EventStream.Conformance.Options;

/// <summary>What is to be examined, and how.</summary>
/// <param name="Stream">The address that was given: any stream.</param>
internal sealed record Settings(Uri Stream)
{
    private readonly ILookup<Role, Uri> _endpoints = Array.Empty<KeyValuePair<Role, Uri>>().ToLookup(pair => pair.Key, pair => pair.Value);

    /// <summary>The endpoints of each role.</summary>
    public IEnumerable<KeyValuePair<Role, Uri>> Endpoints
    {
        init => _endpoints = value.ToLookup(pair => pair.Key, pair => pair.Value);
    }

    public Limits Limits { get; init; } = new();

    /// <summary>Sent with every request, for example to authenticate.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Starts the server; null: it runs already, and its shutdown is not examined.</summary>
    public string? Start { get; init; }

    /// <summary>Whether the report is JSON.</summary>
    public bool IsJson { get; init; }

    public IReadOnlyList<Uri> All(Role role) => [.. _endpoints[role]];

    public bool Has(Role role) => _endpoints[role].Any();

    /// <summary>The endpoint of a role that was given.</summary>
    public Uri The(Role role) => _endpoints[role].First();
}
