using System.Net.Http.Json;
using EventStream.PostgreSql.Tests.Infrastructure;

namespace EventStream.Package.Tests;

/// <summary>An app that is published as native code or trimmed streams as it does in development, in memory and on PostgreSQL.</summary>
[Collection(nameof(Alone))]
[Trait("Category", "Linux")]
public sealed class PublishedAppTests(NativeApp native, TrimmedApp trimmed) : IClassFixture<NativeApp>, IClassFixture<TrimmedApp>
{
    private const string Skipped = "Publishing the apps takes minutes: set EVENTSTREAM_LONG_TESTS=1, then build and run.";

    [Theory(Timeout = 60_000, Skip = Skipped, SkipType = typeof(Alone), SkipUnless = nameof(Alone.IsLong))]
    [InlineData(nameof(native))]
    [InlineData(nameof(trimmed))]
    public async Task Publish_OfAnAppWithThePackages_HasNothingToWarnOf(string app)
    {
        var output = Of(app).PublishOutput;

        output.Should().Contain("App -> ");
        output.Should().NotContain("warning");
    }

    [Theory(Timeout = 120_000, Skip = Skipped, SkipType = typeof(Alone), SkipUnless = nameof(Alone.IsLong))]
    [InlineData(nameof(native), false)]
    [InlineData(nameof(native), true)]
    [InlineData(nameof(trimmed), false)]
    [InlineData(nameof(trimmed), true)]
    public async Task Stream_FromAPublishedApp_ReachesEachKindOfReader(string app, bool isOnPostgreSql)
    {
        await using var server = isOnPostgreSql ? await PostgreSqlServer.CreateAsync() : null;
        string[] settings = server is null ? [] : ["--ConnectionStrings:Streams", server.ConnectionString];
        await using var running = await RunningApp.StartAsync(Of(app), settings);
        using var response = await running.Client.GetAsync("/prices", HttpCompletionOption.ResponseHeadersRead);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync());

        using var published = await running.Client.PostAsJsonAsync("/prices", new { Symbol = "OAK", Price = 101 });

        published.IsSuccessStatusCode.Should().BeTrue();
        (await ReadToAsync(stream, "data: ")).Should().EndWith("event: quote\ndata: {\"symbol\":\"OAK\",\"price\":101}\n");
        (await running.Client.GetStringAsync("/read-in-the-process")).Should().Be("Quote { Symbol = OAK, Price = 101 }");
        (await running.Client.GetStringAsync("/read-by-the-client")).Should().Be("Quote { Symbol = OAK, Price = 101 }");
    }

    private static async Task<string> ReadToAsync(StreamReader stream, string beginning)
    {
        for (var text = ""; ;)
        {
            var line = await stream.ReadLineAsync().OrFail($"a line '{beginning}…' after '{text}'");
            text += line + "\n";
            if (line is null || line.StartsWith(beginning, StringComparison.Ordinal)) return text;
        }
    }

    private PublishedApp Of(string app) => app == nameof(native) ? native : trimmed;
}
