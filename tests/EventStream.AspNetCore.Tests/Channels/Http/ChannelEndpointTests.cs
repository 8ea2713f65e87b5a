using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>The metadata that <c>MapEventStream</c> gives the middleware and the app's documents.</summary>
public sealed class ChannelEndpointTests
{
    [Fact(Timeout = 30_000)]
    public async Task OutputCaching_CachesEverything_EachReaderHasItsOwnLiveStream()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app => app.UseOutputCache(),
            services: services => services.AddOutputCache(o => o.AddBasePolicy(policy => policy.Expire(TimeSpan.FromMinutes(10)))));

        using var first = await app.OpenAsync("/news");
        using var second = await app.OpenAsync("/news");
        await first.ReadPositionAsync();
        await second.ReadPositionAsync();
        var id = await app.GetChannel("news").SayAsync("m");

        await first.ShouldBringAsync(Frame(id, "m"));
        await second.ShouldBringAsync(Frame(id, "m"));
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task RequestTimeouts_DefaultPolicy_DoesNotEndTheStream()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app =>
            {
                app.UseRequestTimeouts();
                app.MapGet("/slow", (HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted));
            },
            services: services => services.AddRequestTimeouts(
                o => o.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromMilliseconds(100) }));

        using var stream = await app.OpenAsync("/news");
        await stream.ReadPositionAsync();

        // A request that came later ran into the timeout: the stream's would have come before it.
        (await app.Client.GetAsync("/slow").OrFail()).StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
        var id = await app.GetChannel("news").SayAsync("m");

        await stream.ShouldBringAsync(Frame(id, "m"));
        app.Log.AtLeast(LogLevel.Warning).Should().NotContain(entry => entry.Category.StartsWith("EventStream"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Metadata_SaysGetAndHeadAndTheFrameworksItem()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"), app => app.MapEventStream("/stream", "news").WithName("stream"));

        var endpoint = app.App.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.Single(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == "stream");

        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Should().Equal("GET", "HEAD");
        var produces = endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().Should().ContainSingle().Subject;
        produces.StatusCode.Should().Be(200);
        produces.Type.Should().Be<SseItem<string>>();
        produces.ContentTypes.Should().Equal("text/event-stream");
    }

    [Fact(Timeout = 30_000)]
    public async Task OpenApi_Document_HasTheStream()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"),
            app =>
            {
                app.MapOpenApi();
                app.MapEventStream("/stream", "news");
            },
            services: services => services.AddOpenApi());

        var document = JsonNode.Parse(await app.Client.GetStringAsync("/openapi/v1.json").OrFail())!;

        var responses = document["paths"]!["/stream"]!["get"]!["responses"]!.AsObject();
        responses.Select(response => response.Key).Should().Equal("200");
        responses["200"]!["content"]!.AsObject().Select(content => content.Key).Should().Equal("text/event-stream");
    }
}
