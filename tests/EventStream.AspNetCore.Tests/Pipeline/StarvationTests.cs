using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>An idle stream holds no thread.</summary>
[Collection(nameof(FewThreads))]
public sealed class StarvationTests
{
    private const int Streams = 1000;

    [Fact(Timeout = 60_000)]
    public async Task Idle_ThousandStreamsOnFourThreads_OrdinaryRequestAnswersAndEachKeepAliveArrives()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/stream", () => Results.EventStream(Silent.Forever(), o => o.Retry = null));
            app.MapGet("/page", () => "ordinary");
        });
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => app.OpenAsync("/stream"))).OrFail();

        (await app.Client.GetStringAsync("/page").OrFail()).Should().Be("ordinary");

        var keepAlives = Task.WhenAll(streams.Select(stream => stream.ReadLineAsync()));
        await app.AdvanceUntilAsync(keepAlives, TimeSpan.FromSeconds(1));
        (await keepAlives).Should().OnlyContain(line => line == ":\n");
        (await app.Client.GetStringAsync("/page").OrFail()).Should().Be("ordinary");
        foreach (var stream in streams) stream.Dispose();
    }
}
