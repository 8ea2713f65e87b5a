namespace EventStream.AspNetCore.Tests.Infrastructure;

/// <summary>The output of the servers under test, so that the same tests run with each.</summary>
/// <remarks><c>./test</c> runs them once with Kestrel's own, and again with those that the variable names.</remarks>
internal static class OutputUnderTest
{
    private const string Variable = "EVENTSTREAM_TEST_OUTPUT";

    public static IWebHostBuilder UseOutputUnderTest(this IWebHostBuilder server) => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => server,
        "direct" => server.UseDirectOutput(),
        "io_uring" => server.UseIoUring(),
        var other => throw new InvalidOperationException($"{Variable} is '{other}'. Set it to direct or io_uring, or not at all."),
    };
}
