using System.Net;
using System.Text.Encodings.Web;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Logs;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>
/// Code of the app's that is asked before a stream opens, and never answers: neither the request nor the host waits for it.
/// </summary>
public sealed class ForeignCodeTests
{
    private static readonly string[] PlacesOfCode = ["policy", "scheme", "unknown", "log", "problem"];

    private readonly TaskCompletionSource _never = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _clientLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _requestEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static TheoryData<string> Places => [.. PlacesOfCode];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Places))]
    public async Task NeverAnswers_ClientLeaves_TheRequestEnds(string place)
    {
        await using var app = await StartAsync();
        using var leaving = new CancellationTokenSource();
        var asking = app.Client.GetAsync($"/{place}/1", leaving.Token);
        await _isAsked.Task.OrFail();

        await leaving.CancelAsync();
        await _clientLeft.Task.OrFail();
        await app.AdvanceUntilAsync(_requestEnded.Task, TimeSpan.FromMilliseconds(50));

        await asking.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        app.Time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "nobody waits longer than for a source");
        ShouldHaveSaid(app, place);
        app.Hub().Channels.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Places))]
    public async Task NeverAnswers_HostStops_TheClientGetsARetry(string place)
    {
        await using var app = await StartAsync();
        var asking = app.OpenAsync($"/{place}/1");
        await _isAsked.Task.OrFail();

        var stopping = app.App.StopAsync(CancellationToken.None);
        await app.AdvanceUntilAsync(_requestEnded.Task, TimeSpan.FromMilliseconds(100));
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(100));

        using var stream = await asking.OrFail();
        stream.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await stream.ReadToEndAsync()).Should().MatchRegex(@"\Aretry: \d+\n\z");
        ShouldHaveSaid(app, place);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Places))]
    public async Task AnswersWithinTheMoment_HostStops_TheAnswerCounts(string place)
    {
        await using var app = await StartAsync();
        using var asking = new HttpRequestMessage(HttpMethod.Get, $"/{place}/1");
        var answering = app.Client.SendAsync(asking);
        await _isAsked.Task.OrFail();

        var stopping = app.App.StopAsync(CancellationToken.None);
        await Soon.Until(() => app.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        _never.SetResult();

        using var answer = await answering.OrFail();
        answer.StatusCode.Should().Be(place switch
        {
            // Allowed: but a new stream is rejected softly while the host stops.
            "policy" => HttpStatusCode.ServiceUnavailable,
            "scheme" => HttpStatusCode.Forbidden,
            "unknown" => HttpStatusCode.Gone,
            "problem" => HttpStatusCode.BadRequest,
            _ => HttpStatusCode.NotFound,
        });
        await app.AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(100));
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/later")]
    [InlineData("/twice")]
    public async Task ShortAnswer_BodyNeverReturns_TheRequestEndsAfterWriteTimeout(string path)
    {
        await using var app = await StartAsync(holdsFlushes: true);
        var asking = app.OpenAsync(path);
        await _isAsked.Task.OrFail();

        app.Time.Advance(TimeSpan.FromSeconds(9.9));
        _requestEnded.Task.IsCompleted.Should().BeFalse();
        await app.AdvanceUntilAsync(_requestEnded.Task, TimeSpan.FromMilliseconds(100));

        await asking.Awaiting(task => task).Should().ThrowAsync<HttpRequestException>();
        ShouldHaveSaid(app, path[1..]);
    }

    private static void ShouldHaveSaid(TestApp app, string endpoint) => app.Log.AtLeast(LogLevel.Warning)
        .Where(entry => entry.Message.Contains("was abandoned", StringComparison.Ordinal))
        .Should().ContainSingle().Which.Message.Should().Contain(endpoint);

    private Task<TestApp> StartAsync(bool holdsFlushes = false)
    {
        var log = new SharedLog
        {
            Answering = (requests, _) => requests.Any(request => request.Channel.StartsWith("log/", StringComparison.Ordinal))
                ? NeverAsync()
                : Task.CompletedTask,
        };
        return ChannelApp.StartAsync(
            channels => channels
                .AddChannel("policy/{id}", c => (c.InMemory, c.CreateOnSubscribe, c.AuthorizationPolicy) = (true, true, "never"))
                .AddChannel("scheme/{id}", c => (c.InMemory, c.AuthorizationPolicy) = (true, "nobody"))
                .AddChannel("unknown/{id}", c => (c.InMemory, c.OnUnknown) = (true, (_, _) => new NeverResult(NeverAsync())))
                .AddChannel("log/{id}")
                .AddLog(_ => log),
            app =>
            {
                if (holdsFlushes)
                {
                    HeldBody.Use(app, body =>
                    {
                        body.HoldFlushes();
                        _isAsked.TrySetResult();
                    });
                }

                app.Use(async (HttpContext context, RequestDelegate next) =>
                {
                    context.RequestAborted.Register(() => _clientLeft.TrySetResult());
                    try
                    {
                        await next(context);
                    }
                    finally
                    {
                        _requestEnded.TrySetResult();
                    }
                });
                app.UseRouting();
                app.MapGet("/later", () => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(1)));
                app.MapGet("/twice", (HttpContext context) =>
                {
                    context.Request.Headers["Last-Event-ID"] = new(["1", "2"]);
                    return Results.EventStream(Silent.Forever());
                });
                app.MapEventStream("/problem/{id}", _ => new EventStreamSubscription());
                foreach (var place in PlacesOfCode[..^1]) app.MapEventStream($"/{place}/{{id}}", $"{place}/{{id}}");
            },
            options => options.WriteTimeout = TimeSpan.FromSeconds(10),
            services =>
            {
                services.AddSingleton(NeverAsync);
                services.AddSingleton<IProblemDetailsWriter>(new NeverWrites(NeverAsync)).AddProblemDetails();
                services.AddAuthentication("Never").AddScheme<AuthenticationSchemeOptions, NeverForbids>("Never", null);
                services.AddAuthorizationBuilder()
                    .AddPolicy("never", policy => policy.RequireAssertion(async _ =>
                    {
                        await NeverAsync();
                        return true;
                    }))
                    .AddPolicy("nobody", policy => policy.RequireAssertion(_ => false));
            });
    }

    private Task NeverAsync()
    {
        _isAsked.TrySetResult();
        return _never.Task;
    }

    /// <summary>The app's way to write problem details.</summary>
    private sealed class NeverWrites(Func<Task> never) : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/problem");

        public async ValueTask WriteAsync(ProblemDetailsContext context) => await never();
    }

    /// <summary>A result of the app's.</summary>
    private sealed class NeverResult(Task never) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await never;
            httpContext.Response.StatusCode = StatusCodes.Status410Gone;
        }
    }

    /// <summary>A scheme that takes its time to refuse.</summary>
    private sealed class NeverForbids(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Func<Task> never)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

        protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            await never();
            Response.StatusCode = StatusCodes.Status403Forbidden;
        }
    }
}
