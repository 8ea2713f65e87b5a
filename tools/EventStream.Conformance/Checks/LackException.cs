namespace EventStream.Conformance.Checks;

/// <summary>What a check rests on did not come; the message is what was seen.</summary>
internal sealed class LackException(string seen) : Exception(seen);
