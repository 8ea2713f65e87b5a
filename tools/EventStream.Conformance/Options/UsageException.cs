namespace EventStream.Conformance.Options;

/// <summary>The command line cannot be followed; the message says what to give.</summary>
internal sealed class UsageException(string message) : Exception(message);
