using EventStream.Conformance.Tests.Parsing;

namespace EventStream.Conformance.Tests.Requests;

/// <summary>What one reader asked, and what it handed out.</summary>
/// <param name="Asks">The requests, in order.</param>
/// <param name="Events">The events, in order.</param>
/// <param name="End">How it ended; null if that cannot be seen.</param>
internal sealed record Exchange(IReadOnlyList<Ask> Asks, IReadOnlyList<Received> Events, End? End);

/// <summary>How a reader came to its end.</summary>
internal enum End
{
    /// <summary>All is well.</summary>
    Finished,

    /// <summary>With an error.</summary>
    Refused,
}
