namespace EventStream.Testing.Logs;

/// <summary>A log does not keep a rule of the contract.</summary>
/// <remarks>The message says what the rule expected, and what the log did.</remarks>
public sealed class LogContractException : Exception
{
    internal LogContractException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
