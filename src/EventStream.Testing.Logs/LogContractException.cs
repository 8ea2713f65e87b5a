namespace EventStream.Testing.Logs;

/// <summary>A log does not keep a rule of the contract. The message says what was expected, and what the log did.</summary>
public sealed class LogContractException : Exception
{
    internal LogContractException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
