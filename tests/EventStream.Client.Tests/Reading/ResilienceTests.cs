using System.Net;
using EventStream.Client.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace EventStream.Client.Tests.Reading;

/// <summary>The client behind <c>AddStandardResilienceHandler</c>, on the clock of both.</summary>
public sealed class ResilienceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<EventStreamClientRetrying> _retries = [];
    private volatile bool _isWaiting;

    [Fact(Timeout = 60_000)]
    public async Task Timeout_OfTheHandler_IsAFailedAttempt()
    {
        // The handler asks again by itself, until its limit of thirty seconds for all of its attempts.
        await using var services = Services(new Scripted(stop => _retries.Count switch
        {
            0 => NeverAsync(stop),
            1 => ScriptedHandler.Stream("data: a\n\n")(stop),
            _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent)),
        }));

        var events = await ReadToEndAsync(services, new());

        events.Should().Equal("a");
        _retries[0].Error.Should().BeOfType<TimeoutRejectedException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task Timeout_OfTheHandlerAndNoReconnect_IsThrown()
    {
        await using var services = Services(new Scripted(NeverAsync));

        var reading = ReadToEndAsync(services, new() { Reconnect = EventStreamClientReconnect.Never });

        await reading.Invoking(task => task).Should().ThrowAsync<TimeoutRejectedException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task OpenCircuit_OfTheHandler_IsAFailedAttempt()
    {
        await using var peer = await Peer.StartAsync(Peer.Status(503), Peer.Status(503), Peer.Stream("data: a\n\n"));
        await using var services = Services(peer, options =>
        {
            options.Retry.ShouldHandle = static _ => PredicateResult.False();
            options.CircuitBreaker.MinimumThroughput = 2;
            options.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(2);
        });

        var events = await ReadToEndAsync(
            services, new() { ShouldRetry = _ => true, ReconnectDelay = TimeSpan.FromSeconds(0.5) }, passes: () => _isWaiting);

        events.Should().Equal("a");
        _retries.Select(retry => retry.Error).OfType<BrokenCircuitException>().Should().NotBeEmpty();
        peer.Requests.Should().HaveCount(4, "an open circuit asks nobody");
    }

    [Fact(Timeout = 60_000)]
    public async Task RateLimit_OfTheHandler_IsAFailedAttempt()
    {
        var isAsked = new TaskCompletionSource();
        var next = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(
            async _ =>
            {
                isAsked.SetResult();
                await next.Task;
            },
            Peer.Stream("data: a\n\n"));
        await using var services = Services(peer, options => options.RateLimiter.DefaultRateLimiterOptions.PermitLimit = 1);
        var other = Client(services).GetAsync("/other");
        await isAsked.Task.OrFail("the other request has the only permit");

        var events = ReadToEndAsync(services, new()
        {
            OnRetrying = _ =>
            {
                next.TrySetResult();
                other.Wait();
            },
        }, passes: () => _isWaiting);

        (await events).Should().Equal("a");
        _retries[0].Error.Should().BeOfType<RateLimiterRejectedException>();
    }

    /// <summary>Its limits hold until the headers are there; a stream may last.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LongStream_ThroughTheHandler_IsNotCutByItsLimits(bool http2)
    {
        var next = new TaskCompletionSource();
        await using var peer = await Peer.StartAsync(http2, async context =>
        {
            await Peer.SendAsync(context, "id: 1\ndata: a\n\n");
            await next.Task;
            await Peer.SendAsync(context, "id: 2\ndata: b\n\n");
        });
        await using var services = Services(peer, _ => { });
        await using var reading = Client(services).ReadEventStreamAsync("/", Options(new() { IdleTimeout = null })).GetAsyncEnumerator();
        (await reading.MoveNextAsync()).Should().BeTrue();
        var step = reading.MoveNextAsync().AsTask();

        for (var minute = 0; minute < 60; minute++) _time.Advance(TimeSpan.FromMinutes(1));
        next.SetResult();

        (await step.OrFail()).Should().BeTrue();
        reading.Current.Data.Should().Be("b");
        _retries.Should().BeEmpty();
        peer.Requests.Should().ContainSingle();
    }

    [Fact(Timeout = 60_000)]
    public async Task Cancel_ThroughTheHandler_IsTheReadersCancellation()
    {
        var asked = new TaskCompletionSource();
        await using var services = Services(new Scripted(stop =>
        {
            asked.SetResult();
            return NeverAsync(stop);
        }));
        using var cancel = new CancellationTokenSource();
        var reading = ReadToEndAsync(services, new(), passes: () => false, stop: cancel.Token);
        await asked.Task.OrFail();

        await cancel.CancelAsync();

        await reading.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        _retries.Should().BeEmpty();
    }

    private static async Task<HttpResponseMessage> NeverAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop);
        throw new InvalidOperationException("not reached");
    }

    private static HttpClient Client(ServiceProvider services) =>
        services.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(ResilienceTests));

    private ServiceProvider Services(Peer peer, Action<HttpStandardResilienceOptions> configure) =>
        Services(new SocketsHttpHandler { UseProxy = false }, peer.Client, configure);

    private ServiceProvider Services(Scripted handler)
    {
        using var like = new HttpClient { BaseAddress = new("http://scripted/") };
        return Services(handler, like, _ => { });
    }

    private ServiceProvider Services(HttpMessageHandler primary, HttpClient like, Action<HttpStandardResilienceOptions> configure)
    {
        var (address, version) = (like.BaseAddress, like.DefaultRequestVersion);
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_time);
        var builder = services.AddHttpClient(nameof(ResilienceTests), client =>
        {
            client.BaseAddress = address;
            client.DefaultRequestVersion = version;
            client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        });
        builder.ConfigurePrimaryHttpMessageHandler(() => primary);
        builder.AddStandardResilienceHandler(configure);
        return services.BuildServiceProvider();
    }

    private EventStreamClientOptions Options(EventStreamClientOptions options)
    {
        options.TimeProvider = _time;
        options.OnRetrying = _retries.Add + options.OnRetrying + (_ => _isWaiting = true);
        options.PrepareRequest = (_, _) =>
        {
            _isWaiting = false;
            return ValueTask.CompletedTask;
        };
        return options;
    }

    private async Task<List<string>> ReadToEndAsync(
        ServiceProvider services, EventStreamClientOptions options, Func<bool>? passes = null, CancellationToken stop = default)
    {
        List<string> events = [];
        await Peer.WhileTimePasses(
            Task.Run(async () =>
            {
                await foreach (var message in Client(services).ReadEventStreamAsync("/", Options(options), stop)) events.Add(message.Data);
            }, CancellationToken.None),
            _time,
            passes);
        return events;
    }

    /// <summary>Answers every request by one function.</summary>
    private sealed class Scripted(Answer answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(cancellationToken);
    }
}
