namespace EventStream.Conformance.Wire;

/// <summary>A part of a stream is longer than the tool keeps; the message says which part.</summary>
internal sealed class TooLongException(string part) : Exception(part);
