using Microsoft.AspNetCore.Mvc.Testing;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>What the snippets of tests have in reach. It is compiled against, and never run.</summary>
public static class GivenToTests
{
    public static readonly HttpClient client = null!;

    public static readonly WebApplicationFactory<Job> factory = null!;
}
