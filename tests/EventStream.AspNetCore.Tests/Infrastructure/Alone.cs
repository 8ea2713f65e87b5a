namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>Heavy tests, which run alone, because they would take the processor from all others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone
{
    /// <summary>
    /// Whether to run them at their full size: <c>EVENTSTREAM_LONG_TESTS=1</c>. Otherwise they are as short as they can be and still find
    /// something.
    /// </summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("EVENTSTREAM_LONG_TESTS") == "1";
}
