using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.RateLimiting;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>Rate limiting, by a concurrency limiter with one permit.</summary>
public sealed class RateLimitingTests
{
    private readonly SourcePerRequest _sources = new();

    [Fact(Timeout = 30_000)]
    public async Task Limit_WhileAStreamIsOpen_ItKeepsItsPermit()
    {
        await using var app = await StartAsync(o => o.RejectionStatusCode = 429);
        using var first = await app.OpenAsync("/");
        await first.ReadRetryAsync();

        using var refused = await app.OpenAsync("/");

        refused.Response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        await first.ShouldPassAtOnceAsync(await _sources.NextAsync(), "still open");
        _sources.Count.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Limit_StreamHasEnded_NextOneGetsThePermit()
    {
        await using var app = await StartAsync();
        using var first = await app.OpenAsync("/");
        (await _sources.NextAsync()).Finish();
        await first.ReadToEndAsync();

        using var second = await app.OpenAsync("/");

        await second.ReadRetryAsync();
        await second.ShouldPassAtOnceAsync(await _sources.NextAsync(), "its turn");
    }

    [Fact(Timeout = 30_000)]
    public async Task Limit_ClientHasLeft_NextOneGetsThePermit()
    {
        await using var app = await StartAsync();
        var first = await app.OpenAsync("/");
        var source = await _sources.NextAsync();

        first.Dispose();
        await source.Ended.OrFail();

        await Soon.Until(() => _sources.Count == 2 || TryOpen(app));
        _sources.Count.Should().Be(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task OnRejected_RetryLater_BrowserGetsARetryAndOthersGet503()
    {
        await using var app = await StartAsync(o => o.OnRejected = static async (context, _) =>
            await TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(10)).ExecuteAsync(context.HttpContext));
        using var first = await app.OpenAsync("/");
        await first.ReadRetryAsync();

        using var browser = await app.OpenAsync("/");
        browser.Response.StatusCode.Should().Be(HttpStatusCode.OK, "every other status ends an EventSource for good");
        browser.Header("Content-Type").Should().Be("text/event-stream");
        (await browser.ReadRetryAsync()).Should().BeInRange(10_000, 15_000);
        (await browser.ReadToEndAsync()).Should().BeEmpty();

        using var other = await app.Client.GetAsync("/").OrFail();
        other.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        other.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().BeInRange(10, 15);
    }

    // A permit is returned when the request has ended, which no client can see.
    private static bool TryOpen(TestApp app)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Address);
        using var response = app.Client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        return response.IsSuccessStatusCode;
    }

    private Task<TestApp> StartAsync(Action<RateLimiterOptions>? configure = null) => TestApp.StartAsync(
        app =>
        {
            app.UseRateLimiter();
            app.MapGet("/", () => Results.EventStream(_sources.Open())).RequireRateLimiting("streams");
        },
        services => services.AddRateLimiter(o =>
        {
            o.AddConcurrencyLimiter("streams", limit => limit.PermitLimit = 1);
            configure?.Invoke(o);
        }));
}
