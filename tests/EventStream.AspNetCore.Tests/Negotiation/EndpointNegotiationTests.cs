using System.Net;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary><c>WithEventStreamNegotiation</c> on minimal APIs.</summary>
public sealed class EndpointNegotiationTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("application/*")]
    [InlineData("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8")]
    [InlineData("application/json, text/event-stream")]
    [InlineData("text/event-stream;q=0.5, application/json")]
    [InlineData("text/event-stream;q=0.5, */*")]
    [InlineData("text/event-stream;q=0, */*;q=0.1")]
    public async Task Get_ClientPrefersJson_Array(string? accept)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Two()).WithEventStreamNegotiation());

        using var answer = await app.AskAsync("/", accept);

        answer.Header("Content-Type").Should().StartWith("application/json");
        answer.Header("Vary").Should().Be("Accept");
        (await answer.ReadToEndAsync()).Should().Be(Report.Array);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream")]
    [InlineData("text/*")]
    [InlineData("text/event-stream, application/json")]
    [InlineData("text/event-stream, */*;q=0.1")]
    [InlineData("application/json;q=0.5, text/event-stream;q=0.6")]
    [InlineData("application/json;q=0, */*")]
    [InlineData("image/png, text/event-stream;q=0.1")]
    public async Task Get_ClientPrefersEventStream_Stream(string accept)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Two()).WithEventStreamNegotiation());

        using var answer = await app.AskAsync("/", accept);

        answer.Header("Content-Type").Should().Be("text/event-stream");
        answer.Header("Vary").Should().Be("Accept");
        answer.Header("X-Event-Data-Mimetype").Should().Be("application/json");
        (await answer.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("application/xml")]
    [InlineData("image/*")]
    [InlineData("application/json;q=0, text/event-stream;q=0")]
    public async Task Post_ClientAcceptsNeither_406AndHandlerDoesNotRun(string accept)
    {
        var runs = 0;
        await using var app = await TestApp.StartAsync(app => app.MapPost("/", () =>
        {
            runs++;
            return Report.Two();
        }).WithEventStreamNegotiation());

        using var answer = await app.AskAsync(HttpMethod.Post, "/", accept);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
        answer.Header("Vary").Should().Be("Accept");
        (await answer.ReadToEndAsync()).Should().BeEmpty();
        runs.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Send_Body_HandlerGetsItAndClientChooses(string method)
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapMethods("/", [method], (Report report) => Enumerable.Repeat(report, 2).ToAsyncEnumerable())
                .WithEventStreamNegotiation());
        var body = new Report { Number = 5, Title = "sent" };

        using var array = await app.AskAsync(new HttpMethod(method), "/", "application/json", body);
        using var stream = await app.AskAsync(new HttpMethod(method), "/", "text/event-stream", body);

        (await array.ReadToEndAsync()).Should().Be("""[{"number":5,"title":"sent"},{"number":5,"title":"sent"}]""");
        (await stream.ReadMessagesToEndAsync())
            .Should().Be("data: {\"number\":5,\"title\":\"sent\"}\n\ndata: {\"number\":5,\"title\":\"sent\"}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_BodyIsMalformed_400WhateverTheClientAccepts()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapPost("/", (Report report) => Report.Two()).WithEventStreamNegotiation());

        using var answer = await app.OpenAsync("/", change: request =>
        {
            request.Method = HttpMethod.Post;
            request.Headers.Accept.Clear();
            request.Headers.Accept.ParseAdd("image/png");
            request.Content = new StringContent("{", null, "application/json");
        });

        answer.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ArgumentIsMalformed_400WhateverTheClientAccepts()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (int count) => Report.Two()).WithEventStreamNegotiation());

        using var answer = await app.AskAsync("/?count=many", "image/png");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_SequenceInATask_Negotiated()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", async Task<IAsyncEnumerable<Report>> () =>
        {
            await Task.Yield();
            return Report.Two();
        }).WithEventStreamNegotiation());

        (await AnswersAsync(app)).Should().Be((Report.Array, Report.Stream));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_SequenceInAValueTask_Negotiated()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", async ValueTask<IAsyncEnumerable<Report>> () =>
        {
            await Task.Yield();
            return Report.Two();
        }).WithEventStreamNegotiation());

        (await AnswersAsync(app)).Should().Be((Report.Array, Report.Stream));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_SseItems_FramesInTheStreamAndPayloadsInTheArray()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Items()).WithEventStreamNegotiation());

        (await AnswersAsync(app)).Should().Be((
            Report.Array,
            "id: 1\nevent: report\ndata: {\"number\":1,\"title\":\"first\"}\nretry: 1000\n\nid: 2\nevent: report\ndata: "
            + "{\"number\":2,\"title\":\"second\"}\nretry: 2000\n\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_Messages_FramesInTheStreamAndPayloadsInTheArray()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Messages()).WithEventStreamNegotiation());

        (await AnswersAsync(app)).Should().Be((
            """["text",{"number":1,"title":"first"},{"number":2,"title":"second"}]""",
            "id: 1\nevent: note\ndata: text\n\n: no payload\n" + Report.Stream));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_Strings_TextInTheStreamAndStringsInTheArray()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => new[] { "a", "b" }.ToAsyncEnumerable()).WithEventStreamNegotiation());

        (await AnswersAsync(app)).Should().Be(("""["a","b"]""", "data: a\n\ndata: b\n\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ValueTypes_Negotiated()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => new[] { 1, 2 }.ToAsyncEnumerable()).WithEventStreamNegotiation());

        (await AnswersAsync(app)).Should().Be(("[1,2]", "data: 1\n\ndata: 2\n\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_AppsJsonOptions_UsedByBoth()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Report.Two()).WithEventStreamNegotiation(),
            services => services.ConfigureHttpJsonOptions(
                json => json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.KebabCaseUpper));

        (await AnswersAsync(app)).Should().Be((
            """[{"NUMBER":1,"TITLE":"first"},{"NUMBER":2,"TITLE":"second"}]""",
            "data: {\"NUMBER\":1,\"TITLE\":\"first\"}\n\ndata: {\"NUMBER\":2,\"TITLE\":\"second\"}\n\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_DataMediaType_NamedInTheHeaderOfTheStream()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Two())
            .WithEventStreamNegotiation(options => options.DataMediaType = "application/vnd.foo.resource+json"));

        using var stream = await app.AskAsync("/", "text/event-stream");

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/vnd.foo.resource+json");
        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Group_HandlersOfSeveralKinds_OnlySequencesAreNegotiated()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            var group = app.MapGroup("/all").WithEventStreamNegotiation(options => options.DataMediaType = "application/group+json");
            group.MapGet("/reports", () => Report.Two());
            group.MapGet("/own", () => Report.Two()).WithEventStreamNegotiation(options => options.DataMediaType = "application/own+json");
            group.MapGet("/document", () => "text");
            group.MapGet("/result", () => TypedResults.Ok(1));
        });

        using var reports = await app.AskAsync("/all/reports", "text/event-stream");
        using var own = await app.AskAsync("/all/own", "text/event-stream");
        using var document = await app.AskAsync("/all/document", "text/event-stream");
        using var result = await app.AskAsync("/all/result", "text/event-stream");

        (await reports.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
        reports.Header("X-Event-Data-Mimetype").Should().Be("application/group+json");
        (await own.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
        own.Header("X-Event-Data-Mimetype").Should().Be("application/own+json");
        own.Header("Vary").Should().Be("Accept");
        (await document.ReadToEndAsync()).Should().Be("text");
        (await result.ReadToEndAsync()).Should().Be("1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Build_HandlerReturnsNoSequence_ThrowsAndNamesWhatToDeclare()
    {
        var start = () => TestApp.StartAsync(app =>
        {
            app.MapGet("/", Ok<int> () => TypedResults.Ok(1)).WithEventStreamNegotiation();
            _ = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        });

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("HTTP: GET / *IAsyncEnumerable<T>*return type*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_TypeArgument_NegotiatedWithoutReflection()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Two()).WithEventStreamNegotiation<Report>());

        (await AnswersAsync(app)).Should().Be((Report.Array, Report.Stream));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_TypeArgumentIsMessage_NegotiatedWithoutReflection()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Numbered.Messages(0, 1)).WithEventStreamNegotiation<EventStreamMessage>());

        (await AnswersAsync(app)).Should().Be(("""["message 0"]""", "id: 0\ndata: message 0\n\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Map_TypeArgumentIsSseItem_ThrowsAndNamesWhatToCall()
    {
        var start = () => TestApp.StartAsync(app => app.MapGet("/", () => Report.Items()).WithEventStreamNegotiation<SseItem<Report>>());

        (await start.Should().ThrowAsync<NotSupportedException>()).WithMessage("*without a type argument*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Endpoint_Negotiated_ReportsThatItStreams()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Report.Two()).WithEventStreamNegotiation());

        var metadata = app.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.Single().Metadata;

        metadata.GetMetadata<DisableRequestTimeoutAttribute>().Should().NotBeNull();
        metadata.GetMetadata<IOutputCachePolicy>().Should().NotBeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Head_EventStream_HeadersAlone()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapMethods("/", ["HEAD"], () => Report.Two()).WithEventStreamNegotiation());

        using var answer = await app.AskAsync(HttpMethod.Head, "/", "text/event-stream");

        answer.Header("Content-Type").Should().Be("text/event-stream");
        answer.Header("X-Event-Data-Mimetype").Should().Be("application/json");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ClientLeaves_SourcesTokenIsCancelled()
    {
        var cancelled = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => EndlessReports(cancelled)).WithEventStreamNegotiation());

        using (var stream = await app.AskAsync("/", "text/event-stream")) await stream.ReadRetryAsync();

        await cancelled.Task.OrFail();
    }

    private static async IAsyncEnumerable<Report> EndlessReports(
        TaskCompletionSource cancelled,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var _ = cancellationToken.Register(() => cancelled.TrySetResult());
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }

    private static async Task<(string Array, string Stream)> AnswersAsync(TestApp app)
    {
        using var array = await app.AskAsync("/", "application/json");
        using var stream = await app.AskAsync("/", "text/event-stream");
        return (await array.ReadToEndAsync(), await stream.ReadMessagesToEndAsync());
    }
}
