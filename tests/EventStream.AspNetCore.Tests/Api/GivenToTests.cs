using EventStream.Testing.Logs;
using Microsoft.AspNetCore.Mvc.Testing;

namespace EventStream.AspNetCore.Tests.Api;

/// <summary>The store of an author of a log.</summary>
public sealed class MyStore : LogStore
{
    public override Task<IEventStreamLog> OpenAsync() => null!;
}

/// <summary>What the snippets of tests have in reach. It is compiled against, and never run.</summary>
public static class GivenToTests
{
    public static readonly HttpClient client = null!;

    public static readonly WebApplicationFactory<Job> factory = null!;
}
