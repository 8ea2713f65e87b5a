namespace EventStream.Conformance.Checks;

/// <summary>One line of the report.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Rule">What it asks for, and who says so.</param>
/// <param name="Outcome">What it came to.</param>
internal sealed record Finding(string Name, string Rule, Outcome Outcome);
