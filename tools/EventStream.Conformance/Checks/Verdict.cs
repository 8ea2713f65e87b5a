namespace EventStream.Conformance.Checks;

/// <summary>What a check came to.</summary>
internal enum Verdict
{
    Pass,
    Lack,

    /// <summary>It could not be made; what was seen says what would make it possible.</summary>
    Skip,
}
