using System.Net.ServerSentEvents;
using System.Text.Json;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>What OpenAPI documents say of negotiated endpoints.</summary>
public sealed class ApiDescriptionTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("/endpoint")]
    [InlineData("/endpoint-items")]
    [InlineData("/endpoint-typed")]
    [InlineData("/action")]
    [InlineData("/action-items")]
    [InlineData("/action-result")]
    public async Task Document_NegotiatedEndpoint_BothTypesOfTheSamePayload(string path)
    {
        await using var app = await StartAsync();

        var content = (await ResponsesAsync(app, path)).GetProperty("200").GetProperty("content");

        content.GetProperty("application/json").GetRawText().Should().Contain("\"array\"").And.Contain("#/components/schemas/Report\"");
        content.TryGetProperty("text/event-stream", out _).Should().BeTrue();
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_NegotiatedEndpoint_406()
    {
        await using var app = await StartAsync();

        (await ResponsesAsync(app, "/endpoint")).TryGetProperty("406", out _).Should().BeTrue();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/result-endpoint")]
    [InlineData("/result-action")]
    public async Task Document_StreamAlone_EventStreamOfItems(string path)
    {
        await using var app = await StartAsync();

        var content = (await ResponsesAsync(app, path)).GetProperty("200").GetProperty("content");

        content.EnumerateObject().Should().ContainSingle().Which.Name.Should().Be("text/event-stream");
        content.GetRawText().Should().Contain("#/components/schemas/SseItemOfReport");
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_RetryLater_503()
    {
        await using var app = await StartAsync();

        (await ResponsesAsync(app, "/later")).TryGetProperty("503", out _).Should().BeTrue();
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.MapOpenApi();
            app.MapControllers();
            app.MapGet("/endpoint", () => Report.Two()).WithEventStreamNegotiation();
            app.MapGet("/endpoint-items", () => Report.Items()).WithEventStreamNegotiation();
            app.MapGet("/endpoint-typed", () => Report.Two()).WithEventStreamNegotiation<Report>();
            app.MapGet("/later", () => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(1)));
            app.MapGet("/result-endpoint", () => TypedResults.EventStream(Report.Two()));
        },
        services =>
        {
            services.AddOpenApi();
            services.AddController<DescribedController>().AddEventStreamFormatter();
        });

    private static async Task<JsonElement> ResponsesAsync(TestApp app, string path)
    {
        using var document = JsonDocument.Parse(await app.Client.GetStringAsync("/openapi/v1.json"));
        return document.RootElement.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").Clone();
    }

    [ApiController]
    public sealed class DescribedController : ControllerBase
    {
        [HttpGet("/action")]
        public IAsyncEnumerable<Report> Reports() => Report.Two();

        [HttpGet("/action-items")]
        public IAsyncEnumerable<SseItem<Report>> Items() => Report.Items();

        [HttpGet("/action-result")]
        public async Task<ActionResult<IAsyncEnumerable<Report>>> InActionResult()
        {
            await Task.Yield();
            return NotFound();
        }

        [HttpGet("/result-action")]
        public EventStreamResult<Report> Result() => new(Report.Two());
    }
}
