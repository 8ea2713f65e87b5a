using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.HttpLogging;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>HTTP logging of every field, the response's body included.</summary>
public sealed class HttpLoggingTests
{
    private const int BodyLimit = 1000;
    private readonly DrivenSource _source = new();

    [Theory(Timeout = 30_000)]
    [InlineData("/stream", true)]
    [InlineData("/stream", false)]
    [InlineData("/late/stream", true)]
    public async Task Log_StreamOfARegisteredApp_EachMessageAtOnceAndNoBodyInTheLog(string path, bool combine)
    {
        await using var app = await StartAsync(registered: true, combine);

        await StreamAsync(app, path, messages: 3);

        await Soon.Until(() => HttpLog(app).Any(text => text.Contains("StatusCode: 200")));
        await Soon.Until(() => HttpLog(app).Any(text => text.Contains("Duration: ")));
        HttpLog(app).Should().NotContain(text => text.Contains("message 1"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Log_StreamOfAnAppThatRegisteredNothing_EachMessageAtOnceAndTheLogIsBounded()
    {
        await using var app = await StartAsync(registered: false);

        await StreamAsync(app, "/stream", messages: 1000);

        await Soon.Until(() => HttpLog(app).Any(text => text.Contains("message 1")));
        HttpLog(app).Sum(text => text.Length).Should().BeLessThan(BodyLimit + 2000);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/page")]
    [InlineData("/stream?missing=true")]
    public async Task Log_ResponseThatIsNoStream_BodyIsInTheLog(string path)
    {
        await using var app = await StartAsync(registered: true);

        using var response = await app.Client.GetAsync(path).OrFail();

        await Soon.Until(() => HttpLog(app).Any(text => text.Contains("ordinary")));
    }

    private static IEnumerable<string> HttpLog(TestApp app) =>
        app.Log.Entries.Where(entry => entry.Category.StartsWith("Microsoft.AspNetCore.HttpLogging")).Select(entry => entry.Message);

    private async Task StreamAsync(TestApp app, string path, int messages)
    {
        using var stream = await app.OpenAsync(path);
        await stream.ReadRetryAsync();
        for (var number = 0; number < messages; number++) await stream.ShouldPassAtOnceAsync(_source, $"message {number}");
        _source.Finish();
        (await stream.ReadToEndAsync()).Should().BeEmpty();
    }

    private Task<TestApp> StartAsync(bool registered, bool combine = false) => TestApp.StartAsync(
        app =>
        {
            app.UseHttpLogging();
            // A second routing, as in an app that calls UseRouting after it: the endpoint is not known yet when the request is logged.
            app.Map(
                "/late",
                late => late.UseRouting()
                    .UseEndpoints(endpoints => endpoints.MapGet("/stream", () => TypedResults.EventStream(_source.Messages()))));
            app.MapGet(
                "/stream",
                IResult (bool missing = false) => missing
                    ? Results.Text("ordinary", statusCode: 404)
                    : Results.EventStream(_source.Messages()))
                .WithEventStreamDefaults();
            app.MapGet("/page", () => "ordinary");
        },
        services =>
        {
            if (registered) services.AddEventStreams();
            services.AddHttpLogging(o =>
            {
                o.LoggingFields = HttpLoggingFields.All;
                o.ResponseBodyLogLimit = BodyLimit;
                o.CombineLogs = combine;
            });
        });
}
