namespace EventStream.PostgreSql.Tests.Chaos;

/// <summary>Two nodes in processes, of which one is frozen while a user is revoked on the other.</summary>
public sealed class FrozenNodeTests(SharedServer server)
{
    [Fact(Timeout = 120_000)]
    public async Task Disconnect_WhileANodeIsFrozen_IsNamedAndSendsTheUserNothingWhenItContinues()
    {
        var database = await server.CreateDatabaseAsync();
        using var here = await NodeProcess.StartAsync(database, lifetime: 600);
        using var frozen = await NodeProcess.StartAsync(database, lifetime: 600);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };
        await using var annsDurable = await ListenAsync("ann", "durable");
        await using var annsHere = await ListenAsync("ann", "here");
        await using var bobsDurable = await ListenAsync("bob", "durable");
        await using var bobsHere = await ListenAsync("bob", "here");

        frozen.Freeze();
        using var answer = await client.PostAsync(new Uri(here.Address, "/disconnect/ann"), null);
        var unconfirmed = await answer.Content.ReadFromJsonAsync<string[]>();
        await SayAsync(here, "durable");

        // The lock keeps the node from reading the revocation before it has published.
        await using var log = LogNode.Unprepared(database);
        await using (await log.BeginAsync("LOCK TABLE eventstream.channel IN ACCESS EXCLUSIVE MODE"))
        {
            var saying = SayAsync(frozen, "here");
            frozen.Thaw();
            await saying.OrFail("the answer of the node that goes on");
        }

        unconfirmed.Should().ContainSingle().Which.Should().Contain($"/{frozen.Id}/");
        await annsDurable.ExpectEndAsync();
        await annsHere.ExpectEndAsync();
        (annsDurable.Body + annsHere.Body).Should().NotContain("secret");
        (await bobsDurable.NextAsync()).Data.Should().Be("secret", "nothing is lost to others");
        (await bobsHere.NextAsync()).Data.Should().Be("secret");

        async Task<TestEventSource> ListenAsync(string user, string channel)
        {
            var stream = await client.OpenEventStreamAsync($"{frozen.Address}of/{user}/{channel}", new() { Timeout = Soon.Limit });
            await Soon.Until(() => stream.Body.Contains("id: ", StringComparison.Ordinal), $"{user} has joined {channel}");
            return stream;
        }

        async Task SayAsync(NodeProcess node, string channel)
        {
            using var response = await client.PostAsync(new Uri(node.Address, $"/say/{channel}/secret"), null);
            response.EnsureSuccessStatusCode();
        }
    }
}
