using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A page of another origin that opens a stream with its credentials.</summary>
public sealed class CorsTests
{
    private const string Origin = "https://page.example";
    private readonly SourcePerRequest _sources = new();

    [Theory(Timeout = 30_000)]
    [InlineData("/")]
    [InlineData("/later")]
    [InlineData("/fails")]
    public async Task Open_FromAnAllowedOrigin_EveryAnswerHasTheHeaders(string path)
    {
        await using var app = await StartAsync();

        using var stream = await app.OpenAsync(path, change: request => request.Headers.Add("Origin", Origin));

        stream.Header("Access-Control-Allow-Origin").Should().Be(Origin);
        stream.Header("Access-Control-Allow-Credentials").Should().Be("true");
    }

    [Fact(Timeout = 30_000)]
    public async Task Preflight_ClientThatSendsItsPositionItself_IsAllowedTo()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, "/");
        request.Headers.Add("Origin", Origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "last-event-id");

        using var response = await app.Client.SendAsync(request).OrFail();

        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        response.Headers.GetValues("Access-Control-Allow-Headers").Should().Equal("Last-Event-ID");
        _sources.Count.Should().Be(0);
    }

    private Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("handled")));
            app.UseRouting();
            app.UseCors();
            app.MapGet("/", () => Results.EventStream(_sources.Open())).RequireCors("pages");
            app.MapGet("/later", () => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(1))).RequireCors("pages");
            app.MapGet(
                "/fails",
                () => Results.EventStream(IAsyncEnumerable<EventStreamMessage> (_) => throw new InvalidTimeZoneException()))
                    .RequireCors("pages");
        },
        services => services.AddCors(
            o => o.AddPolicy("pages", policy => policy.WithOrigins(Origin).AllowCredentials().WithHeaders("Last-Event-ID"))));
}
