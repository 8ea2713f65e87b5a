namespace EventStream.AspNetCore.Negotiation;

/// <summary>What a sequence is served as.</summary>
internal enum Representation
{
    /// <summary>Nothing that the client accepts: 406.</summary>
    None,

    /// <summary>One document, made by the framework.</summary>
    Array,

    /// <summary>An event stream.</summary>
    Stream,
}
