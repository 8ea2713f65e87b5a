using System.Net;
using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;

namespace EventStream.AspNetCore.Tests.Channels;

[Collection(nameof(Alone))]
public sealed class ManyUnprovenRequestsTests
{
    [Theory(Timeout = 120_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HeadsAndMadeUpPositions_TwentyThousand_LeaveMemoryAndChannelsAsTheyWere(bool isInALog)
    {
        var log = new SharedLog();
        await using var app = await ChannelApp.StartAsync(
            channels =>
            {
                channels.AddChannel("orders/{id}").AddChannel("waiting/{id}", c => c.CreateOnSubscribe = true);
                if (isInALog) channels.AddLog(_ => log);
            },

            // The lines of so many requests would be kept.
            services: services => services.PostConfigure<LoggerFilterOptions>(logging => logging.MinLevel = LogLevel.None));
        await AskAsync(1_000);
        log.Reads.Clear();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await AskAsync(20_000);

        log.Reads.Clear();
        app.Hub().Channels.Should().BeEmpty();
        log.Channels.Should().BeSubsetOf(["$nodes"]);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(6_000_000, "20,000 channels of 1.5 KB are 30 MB");

        Task AskAsync(int count) =>
            Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
            {
                var (isHead, name) = i % 2 == 0 ? (true, $"waiting/{i}") : (false, $"orders/{i}");
                using var request = new HttpRequestMessage(isHead ? HttpMethod.Head : HttpMethod.Get, "/" + name);
                request.Headers.Add("Last-Event-ID", EventStreamPosition.NewEpoch(name)[..3] + "000000-1");
                using var response = await app.Client.SendAsync(request, token);
                response.StatusCode.Should().Be(isHead ? HttpStatusCode.OK : HttpStatusCode.NotFound);
            });
    }
}
