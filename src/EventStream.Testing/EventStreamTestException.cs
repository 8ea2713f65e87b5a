namespace EventStream.Testing;

/// <summary>A stream did not do what a test expects.</summary>
/// <remarks>The message says what the test expected and what arrived, and shows the wire so far.</remarks>
public sealed class EventStreamTestException : Exception
{
    internal EventStreamTestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
