using EventStream.AspNetCore.Tests.Infrastructure;
using System.Text.Json;
using EventStream.PostgreSql.Tests.Infrastructure;
using EventStream.Showcase.Tests.Infrastructure;
using EventStream.Testing;
using Showcase.Trading;

namespace EventStream.Showcase.Tests;

/// <summary>The showcase with its one setting, on its own database.</summary>
public sealed class OnPostgreSqlTests
{
    [Fact(Timeout = 120_000)]
    public async Task Prices_ShowcaseAndDatabaseAreRestarted_MissNothing()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        string position;
        List<TestEvent> prices;
        await using (var app = ShowcaseApp.Start(database: server.ConnectionString))
        {
            await using var first = await OpenAsync(app);
            prices = [.. await first.CollectAsync(20)];
            position = first.LastEventId;
        }

        await server.RestartAsync();
        await using var restarted = ShowcaseApp.Start(database: server.ConnectionString);
        await using var second = await OpenAsync(restarted, position);
        prices.AddRange(await second.CollectAsync(50));

        prices.Select(price => price.Event).Should().AllBe("message", "no gap is told");
        prices.ShouldBeConsecutive(number: price => JsonSerializer.Deserialize<Price>(price.Data, JsonSerializerOptions.Web)!.Number);
    }

    [Fact(Timeout = 120_000)]
    public async Task Prices_DatabaseIsRestarted_GoOn()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        await using var app = ShowcaseApp.Start(database: server.ConnectionString);
        await using var stream = await OpenAsync(app);
        var prices = (await stream.CollectAsync(20)).ToList();

        await server.RestartAsync(immediate: true);
        prices.AddRange(await stream.CollectAsync(100));

        prices.ShouldBeConsecutive(number: price => JsonSerializer.Deserialize<Price>(price.Data, JsonSerializerOptions.Web)!.Number);
    }

    private static async Task<TestEventSource> OpenAsync(ShowcaseApp app, string? position = null) =>
        await new HttpClient { BaseAddress = app.Address }.OpenEventStreamAsync(
            "/prices", new() { Timeout = Soon.Limit, LastEventId = position });
}
