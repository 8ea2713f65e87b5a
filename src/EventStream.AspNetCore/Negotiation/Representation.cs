namespace EventStream.AspNetCore.Negotiation;

/// <summary>The form in which a sequence is served.</summary>
internal enum Representation
{
    /// <summary>The client accepts no form that the app has: 406.</summary>
    None,

    /// <summary>One document, which the framework writes.</summary>
    Array,

    /// <summary>An event stream.</summary>
    Stream,
}
