using EventStream.AspNetCore.Admission;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Runs;
using Microsoft.AspNetCore.HttpOverrides;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>An app with limits on its streams, which has a stream of each kind.</summary>
/// <remarks>
/// The <c>retry</c> of an open stream is a day, so that a test tells it from that of a refusal. <c>X-Forwarded-For</c> is a request's
/// address if the app trusts it, and <c>X-User</c> its user.
/// </remarks>
internal static class LimitedApp
{
    public const string Source = "/source";
    public const string Channel = "/channel";
    public const string Several = "/several";

    private static readonly TimeSpan Retry = TimeSpan.FromDays(1);

    public static string[] Plain => ["/typed", "/declared", "/negotiated", "/mvc", Source];

    public static string[] Channels => [Channel, Several + "?channel=prices&channel=news", "/direct", "/deferred", "/subscription"];

    public static Task<TestApp> StartAsync(
        Action<EventStreamLimitOptions> limits,
        Func<string?, IAsyncEnumerable<EventStreamMessage>>? source = null,
        bool trustsForwardedHeaders = false,
        Action<EventStreamOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null)
    {
        SourcePerRequest sources = new();
        return TestApp.StartAsync(
            app =>
            {
                if (trustsForwardedHeaders) app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
                app.UseAuthentication();
                app.MapStreams(sources);
                app.MapGet(Source, () => Results.EventStream(source ?? (_ => sources.Open())));
                app.MapEventStream(Channel, "prices");
                app.MapEventStream(Several, context => new EventStreamSubscription(context.Request.Query["channel"]));
                app.MapGet("/direct", (EventStreamHub hub) => Results.EventStream(hub.GetChannel("prices")));
                app.MapGet("/deferred", (EventStreamHub hub) => Results.EventStream(() => new DrivenRun(hub, "prices")));
                app.MapGet("/subscription", () => Results.EventStream(new EventStreamSubscription("prices")));
                app.MapGet("/ordinary", () => "an ordinary answer");
                map?.Invoke(app);
            },
            collection =>
            {
                collection.AddStreams(sources);
                HeaderAuthentication.AddTo(collection);
                collection.AddEventStreams(o =>
                    {
                        o.Retry = Retry;
                        options?.Invoke(o);
                    })
                    .AddChannel("prices", c => c.InMemory = true)
                    .AddChannel("news", c => c.InMemory = true)
                    .AddLimits(limits);
                services?.Invoke(collection);
            });
    }

    public static StreamLimits Limits(this TestApp app) => app.App.Services.GetRequiredService<StreamLimits>();

    /// <summary>Opens a stream, which the test expects to be admitted.</summary>
    public static async Task<StreamReading> AdmittedAsync(this TestApp app, string path, Action<HttpRequestMessage>? change = null)
    {
        var stream = await app.OpenAsync(path, change: change);
        (await IsAdmittedAsync(stream)).Should().BeTrue("a stream of {0} may open", path);
        return stream;
    }

    /// <summary>Asks for a stream as a browser does, which the test expects to be refused; returns the retry.</summary>
    public static async Task<TimeSpan> RefusedBrowserAsync(this TestApp app, string path, Action<HttpRequestMessage>? change = null)
    {
        using var stream = await app.OpenAsync(path, change: change);
        stream.Response.StatusCode.Should().Be(System.Net.HttpStatusCode.OK, "every other status ends an EventSource for good");
        stream.Header("Content-Type").Should().Be("text/event-stream");
        var retry = TimeSpan.FromMilliseconds(await stream.ReadRetryAsync());
        retry.Should().BeLessThan(Retry, "a stream of {0} may not open", path);
        (await stream.ReadToEndAsync()).Should().BeEmpty();
        return retry;
    }

    /// <summary>Asks for a stream as a client that is no browser does.</summary>
    public static Task<StreamReading> AskAsync(this TestApp app, string path, Action<HttpRequestMessage>? change = null) => app.OpenAsync(
        path,
        change: request =>
        {
            request.Headers.Accept.ParseAdd("text/plain;q=0.1");
            change?.Invoke(request);
        });

    /// <summary>Opens a stream once the permits have been returned, which no client can see.</summary>
    public static async Task<StreamReading> AdmittedSoonAsync(this TestApp app, string path, Action<HttpRequestMessage>? change = null)
    {
        while (true)
        {
            var stream = await app.OpenAsync(path, change: change);
            if (await IsAdmittedAsync(stream)) return stream;
            stream.Dispose();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    public static Action<HttpRequestMessage> From(string address) => request => request.Headers.Add("X-Forwarded-For", address);

    public static Action<HttpRequestMessage> By(string user) => request => request.Headers.Add("X-User", user);

    private static async Task<bool> IsAdmittedAsync(StreamReading stream) =>
        stream.Response.IsSuccessStatusCode && await stream.ReadRetryAsync() >= Retry.TotalMilliseconds;
}
