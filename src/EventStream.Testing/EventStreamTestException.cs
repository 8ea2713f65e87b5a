namespace EventStream.Testing;

/// <summary>
/// Something that a test expects of a stream is not so. The message says what was expected, what came, and shows the wire so far.
/// </summary>
public sealed class EventStreamTestException : Exception
{
    internal EventStreamTestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
