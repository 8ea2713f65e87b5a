namespace EventStream.Conformance.Tests.Requests;

/// <summary>One row: what the server answers, and what every reader has to make of it.</summary>
/// <param name="Name">Its name, unique in the table.</param>
/// <param name="From">Where the behaviour is from.</param>
/// <param name="Readers">The readers that it is for; empty for all.</param>
/// <param name="With">How the client asks.</param>
/// <param name="Answers">The answers, in order; what is asked after them gets 204.</param>
/// <param name="Expected">What comes of it.</param>
internal sealed record RequestRow(
    string Name, string From, IReadOnlyList<string> Readers, Instructions With, IReadOnlyList<Answer> Answers, Exchange Expected);

/// <summary>The settings of the client's request; the defaults are its own.</summary>
internal sealed record Instructions(string Method = "GET", string? Position = null, string? Header = null, string? Body = null);
