using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc.ApiExplorer;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>What an app's OpenAPI document says of its streams.</summary>
public sealed class OpenApiTests
{
    private readonly SourcePerRequest _sources = new();

    [Theory(Timeout = 30_000)]
    [InlineData("/typed")]
    [InlineData("/mvc")]
    [InlineData("/quotes")]
    [InlineData("/items")]
    public async Task Document_TypedStream_200TextEventStreamAndNothingElse(string path)
    {
        await using var app = await StartAsync();

        var responses = (await DocumentAsync(app))["paths"]![path]!["get"]!["responses"]!.AsObject();

        responses.Select(response => response.Key).Should().Equal("200");
        responses["200"]!["content"]!.AsObject().Select(content => content.Key).Should().Equal("text/event-stream");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/declared")]
    [InlineData("/group/declared")]
    public async Task Document_TypeIsHidden_OperationIsThereWithoutAnInventedType(string path)
    {
        await using var app = await StartAsync();

        var responses = (await DocumentAsync(app))["paths"]![path]!["get"]!["responses"]!.AsObject();

        responses.Select(response => response.Key).Should().Equal("200");
        responses["200"]!["content"].Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_RetryLater_Says503AsWell()
    {
        await using var app = await StartAsync();

        var responses = (await DocumentAsync(app))["paths"]!["/busy"]!["get"]!["responses"]!.AsObject();

        responses.Select(response => response.Key).Should().BeEquivalentTo("200", "503");
        responses["200"]!["content"]!.AsObject().Select(content => content.Key).Should().Equal("text/event-stream");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("typed", typeof(SseItem<string>))]
    [InlineData("mvc", typeof(SseItem<string>))]
    [InlineData("quotes", typeof(SseItem<Quote>))]
    [InlineData("items", typeof(SseItem<Quote>))]
    public async Task ApiDescription_TypedStream_TypeIsTheFrameworksItem(string path, Type type)
    {
        await using var app = await StartAsync();

        var descriptions = app.App.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>()
            .ApiDescriptionGroups.Items.SelectMany(group => group.Items);

        var response = descriptions.Single(description => description.RelativePath == path).SupportedResponseTypes.Should().ContainSingle()
            .Subject;
        response.StatusCode.Should().Be(200);
        response.Type.Should().Be(type);
        response.ApiResponseFormats.Should().ContainSingle().Which.MediaType.Should().Be("text/event-stream");
    }

    private static async Task<JsonNode> DocumentAsync(TestApp app) =>
        JsonNode.Parse(await app.Client.GetStringAsync("/openapi/v1.json").OrFail())!;

    private Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.MapOpenApi();
            app.MapStreams(_sources);
            app.MapGet("/quotes", () => TypedResults.EventStream(AsyncEnumerable.Empty<Quote>()));
            app.MapGet("/items", () => TypedResults.EventStream(AsyncEnumerable.Empty<SseItem<Quote>>()));
            app.MapGet("/busy", Microsoft.AspNetCore.Http.HttpResults.Results<EventStreamResult, EventStreamRetryLaterResult> () =>
                TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(1)));
        },
        services =>
        {
            services.AddStreams(_sources);
            services.AddOpenApi();
        });

    private sealed record Quote(string Symbol, decimal Price);
}
