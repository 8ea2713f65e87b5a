using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>What the app's OpenAPI document says of <c>MapEventStream</c>.</summary>
public sealed class ChannelApiTests
{
    private static readonly Func<HttpContext, EventStreamSubscription> Several = _ => new EventStreamSubscription("news", "orders/1");

    [Theory(Timeout = 30_000)]
    [InlineData("/stream", "/stream")]
    [InlineData("/orders/{id}/events", "/orders/{id}/events", "id")]
    [InlineData("/orders/{id:int}", "/orders/{id}", "id")]
    [InlineData("/orders/{id:int:min(5)}/{part:guid}", "/orders/{id}/{part}", "id", "part")]
    [InlineData("/orders/{id?}", "/orders/{id}", "id")]
    [InlineData("/orders/{id=7}", "/orders/{id}", "id")]
    [InlineData("/all/{**name}", "/all/{name}", "name")]
    [InlineData("/all/{*name}", "/all/{name}", "name")]
    [InlineData("/files/{name}.{kind}", "/files/{name}.{kind}", "name", "kind")]
    public async Task Document_Pattern_IsValidAndHasTheParametersAndOneOperation(string pattern, string path, params string[] parameters)
    {
        await using var app = await StartAsync(app => app.MapEventStream(pattern, Several));

        var document = await DocumentAsync(app);

        var operations = document["paths"]![path]!.AsObject();
        operations.Select(operation => operation.Key).Should().Equal("get");
        NamesOf(operations["get"]!).Should().Equal(parameters);
        ParametersOf(operations["get"]!)
            .Should().NotContain(parameter => parameter["in"]!.ToString() != "path" || !parameter["required"]!.GetValue<bool>());
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_PatternOfAChannelInAGroup_HasTheParametersOfBoth()
    {
        await using var app = await StartAsync(
            app => app.MapGroup("/shops/{shop}").MapEventStream("/orders/{id}", "shops/{shop}/orders/{id}"));

        var document = await DocumentAsync(app);

        NamesOf(document["paths"]!["/shops/{shop}/orders/{id}"]!["get"]!).Should().Equal("shop", "id");
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_Constraint_IsTheParametersType()
    {
        await using var app = await StartAsync(app => app.MapEventStream("/orders/{id:int}", Several));

        var document = await DocumentAsync(app);

        var schema = ParametersOf(document["paths"]!["/orders/{id}"]!["get"]!).Single()["schema"]!;
        schema["format"]!.ToString().Should().Be("int32");
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_NamedEndpoint_HasEachOperationIdOnce()
    {
        await using var app = await StartAsync(app => app.MapEventStream("/orders/{id}", "orders/{id}").WithName("orders"));

        var document = await DocumentAsync(app);

        document["paths"]!["/orders/{id}"]!["get"]!["operationId"]!.ToString().Should().Be("orders");
        document.ToJsonString().Split("\"operationId\"").Should().HaveCount(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task Produces_OfAnEndpoint_IsInTheDocumentBesideTheStream()
    {
        await using var app = await StartAsync(
            app => app.MapEventStream("/orders/{id}", "orders/{id}").Produces<ProblemDetails>(404, "application/problem+json"));

        var document = await DocumentAsync(app);

        var responses = document["paths"]!["/orders/{id}"]!["get"]!["responses"]!.AsObject();
        responses.Select(response => response.Key).Should().BeEquivalentTo("200", "404");
        responses["200"]!["content"]!.AsObject().Select(content => content.Key).Should().Equal("text/event-stream");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("plain", typeof(SseItem<string>))]
    [InlineData("of-quotes", typeof(SseItem<Quote>))]
    [InlineData("chosen", typeof(SseItem<string>))]
    [InlineData("chosen-quotes", typeof(SseItem<Quote>))]
    public async Task ApiDescription_Payload_IsThatOfTheMapping(string path, Type type)
    {
        await using var app = await StartAsync(app =>
        {
            app.MapEventStream("/plain", "news");
            app.MapEventStream<Quote>("/of-quotes", "news");
            app.MapEventStream("/chosen", Several);
            app.MapEventStream<Quote>("/chosen-quotes", Several);
        });

        var groups = app.App.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items;

        var description = groups.SelectMany(group => group.Items).Single(description => description.RelativePath == path);
        var response = description.SupportedResponseTypes.Should().ContainSingle().Subject;
        response.Type.Should().Be(type);
        response.ApiResponseFormats.Should().ContainSingle().Which.MediaType.Should().Be("text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_Payload_HasItsSchema()
    {
        await using var app = await StartAsync(app => app.MapEventStream<Quote>("/orders/{id}", "orders/{id}"));

        var document = await DocumentAsync(app);

        var schema = document["components"]!["schemas"]!["Quote"]!;
        schema["properties"]!.AsObject().Select(property => property.Key).Should().Equal("symbol");
    }

    [Fact(Timeout = 30_000)]
    public async Task Document_HandlersOfTheAppsOwn_AreLeftAsTheyAre()
    {
        await using var app = await StartAsync(app =>
        {
            app.MapEventStream("/orders/{id}", "orders/{id}");
            app.MapMethods("/own/{id}", ["GET", "HEAD"], (string id) => Results.EventStream(AsyncEnumerable.Empty<EventStreamMessage>()));
        });

        var document = await DocumentAsync(app);

        document["paths"]!["/own/{id}"]!.AsObject().Select(operation => operation.Key).Should().BeEquivalentTo("get", "head");
        NamesOf(document["paths"]!["/own/{id}"]!["get"]!).Should().Equal("id");
    }

    private sealed record Quote(string Symbol);

    private static Task<TestApp> StartAsync(Action<WebApplication> map) => TestApp.StartAsync(
        app =>
        {
            app.MapOpenApi();
            map(app);
        },
        services =>
        {
            services.AddEventStreams().AddChannel("news").AddChannel("orders/{id}").AddChannel("shops/{shop}/orders/{id}");
            services.AddOpenApi();
        });

    /// <summary>The document, which is valid: by the reader's rules, and by the rule that a path's parameters are declared.</summary>
    private static async Task<JsonNode> DocumentAsync(TestApp app)
    {
        var text = await app.Client.GetStringAsync("/openapi/v1.json").OrFail();
        OpenApiDocument.Parse(text, "json").Diagnostic!.Errors.Should().BeEmpty();
        var document = JsonNode.Parse(text)!;
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (_, operation) in operations!.AsObject())
            {
                NamesOf(operation!).Order()
                    .Should().Equal(path.Split('{').Skip(1).Select(part => part[..part.IndexOf('}')]).Order(), "the path is {0}", path);
            }
        }

        return document;
    }

    private static string[] NamesOf(JsonNode operation) => [.. ParametersOf(operation).Select(parameter => parameter["name"]!.ToString())];

    private static JsonNode[] ParametersOf(JsonNode operation) =>
        [.. (operation["parameters"] as JsonArray ?? []).Select(parameter => parameter!)];
}
