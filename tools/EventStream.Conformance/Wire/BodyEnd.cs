namespace EventStream.Conformance.Wire;

/// <summary>How a body ended.</summary>
internal enum BodyEnd
{
    /// <summary>It has not.</summary>
    Open,

    /// <summary>By its final chunk or its length (RFC 9112, section 8).</summary>
    Clean,

    /// <summary>By the end of the connection, which is all that such a response has: an end and a cut look the same.</summary>
    Closed,

    /// <summary>Before its final chunk or its length.</summary>
    Cut,
}
