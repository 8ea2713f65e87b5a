using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>
/// Output caching by a base policy that caches every response, and lets clients of one address wait for the first of them.
/// </summary>
public sealed class OutputCachingTests
{
    private readonly SourcePerRequest _sources = new();

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(StreamEndpoints.Known), MemberType = typeof(StreamEndpoints))]
    public async Task Cache_ClientsAtOnceAndAfterwards_EachHasItsOwnLiveStream(string path)
    {
        await using var app = await StartAsync();

        using var first = await app.OpenAsync(path);
        var firstSource = await _sources.NextAsync();
        using var second = await app.OpenAsync(path);
        var secondSource = await _sources.NextAsync();
        await ReadLiveAsync(second, secondSource);
        await ReadLiveAsync(first, firstSource);

        using var third = await app.OpenAsync(path);
        await ReadLiveAsync(third, await _sources.NextAsync());
        third.Header("Age").Should().BeNull("it does not come from a cache");
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Cache_OrdinaryEndpointOfTheSameApp_IsCached()
    {
        await using var app = await StartAsync();

        var first = await app.Client.GetStringAsync("/page").OrFail();
        var second = await app.Client.GetStringAsync("/page").OrFail();

        second.Should().Be(first);
    }

    [Fact(Timeout = 30_000)]
    public async Task Cache_NothingReportsThatItStreams_SecondClientWaitsButNothingIsStoredAndOneWarningNamesTheCall()
    {
        var arrived = new TaskCompletionSource();
        await using var app = await StartAsync(onRequest: () =>
        {
            if (_sources.Count == 1) arrived.TrySetResult();
        });

        using var first = await app.OpenAsync(StreamEndpoints.Hidden);
        var firstSource = await _sources.NextAsync();
        await first.ReadRetryAsync();
        var opening = app.OpenAsync(StreamEndpoints.Hidden);
        await arrived.Task.OrFail();
        await first.ShouldPassAtOnceAsync(firstSource, "while the second waits");
        _sources.Count.Should().Be(1, "only metadata is early enough to keep clear of the lock");
        firstSource.Finish();
        await first.ReadToEndAsync();

        using var second = await opening;
        await ReadLiveAsync(second, await _sources.NextAsync());
        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Message
            .Should().Contain(StreamEndpoints.Hidden).And.Contain("output caching").And.Contain(".WithEventStreamDefaults()");
    }

    [Fact(Timeout = 30_000)]
    public async Task Cache_StreamAsksForIt_NothingIsStoredAndOneWarningNamesWhatToRemove()
    {
        await using var app = await StartAsync();

        for (var client = 0; client < 2; client++)
        {
            using var stream = await app.OpenAsync("/asked");
            await ReadLiveAsync(stream, await _sources.NextAsync());
        }

        app.Log.AtLeast(LogLevel.Warning).Should().ContainSingle().Which.Message
            .Should().Contain("/asked").And.Contain("output caching").And.NotContain("Call .WithEventStreamDefaults()");
    }

    private static async Task ReadLiveAsync(StreamReading stream, DrivenSource source)
    {
        await stream.ReadRetryAsync();
        await stream.ShouldPassAtOnceAsync(source, "live");
        source.Finish();
        (await stream.ReadToEndAsync()).Should().BeEmpty();
    }

    private Task<TestApp> StartAsync(Action? onRequest = null) => TestApp.StartAsync(
        app =>
        {
            app.Use(next => context =>
            {
                onRequest?.Invoke();
                return next(context);
            });
            app.UseOutputCache();
            app.MapStreams(_sources);
            app.MapGet("/asked", () => TypedResults.EventStream(_sources.Open())).CacheOutput();
            app.MapGet("/page", () => Guid.NewGuid().ToString());
        },
        services =>
        {
            services.AddStreams(_sources);
            services.AddOutputCache(o => o.AddBasePolicy(policy => policy.Expire(TimeSpan.FromMinutes(10))));
        });
}
