using System.Net;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>What <c>AddEventStreamFormatter</c> serves to whom.</summary>
public sealed class ActionNegotiationTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8")]
    [InlineData("application/json, text/event-stream")]
    [InlineData("text/event-stream;q=0.5, application/json")]
    [InlineData("text/event-stream;q=0.5, */*")]
    [InlineData("image/png, application/json;q=0.1")]
    public async Task Get_ClientPrefersJson_Array(string? accept)
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/reports", accept);

        answer.Header("Content-Type").Should().StartWith("application/json");
        answer.Header("Vary").Should().Be("Accept");
        (await answer.ReadToEndAsync()).Should().Be(Report.Array);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream, application/json")]
    [InlineData("text/event-stream, */*;q=0.1")]
    [InlineData("application/json;q=0.5, text/event-stream;q=0.6")]
    [InlineData("image/png, text/event-stream;q=0.1")]
    public async Task Get_ClientPrefersEventStream_Stream(string accept)
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/reports", accept);

        answer.Header("Content-Type").Should().Be("text/event-stream");
        answer.Header("Cache-Control").Should().Be("no-cache, no-store, no-transform");
        answer.Header("Vary").Should().Be("Accept");
        answer.Header("X-Event-Data-Mimetype").Should().Be("application/json");
        (await answer.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("image/png")]
    [InlineData("application/xml")]
    [InlineData("text/event-stream;q=0")]
    public async Task Get_ClientAcceptsNothingThatTheAppMakes_406(string accept)
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/reports", accept);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
        answer.Header("Vary").Should().Be("Accept");
        (await answer.ReadToEndAsync()).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Send_Body_ActionGetsItAndClientChooses(string method)
    {
        await using var app = await StartAsync();
        var body = new Report { Number = 5, Title = "sent" };

        using var array = await app.AskAsync(new HttpMethod(method), "/reports", "application/json", body);
        using var stream = await app.AskAsync(new HttpMethod(method), "/reports", "text/event-stream", body);

        (await array.ReadToEndAsync()).Should().Be("""[{"number":5,"title":"sent"}]""");
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: {\"number\":5,\"title\":\"sent\"}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Post_MalformedBody_ProblemDetails()
    {
        await using var app = await StartAsync();

        using var answer = await app.OpenAsync("/reports", change: request =>
        {
            request.Method = HttpMethod.Post;
            request.Content = new StringContent("{", null, "application/json");
        });

        answer.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Header("Content-Type").Should().StartWith("application/problem+json");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/task")]
    [InlineData("/value-task")]
    [InlineData("/action-result")]
    [InlineData("/ok")]
    [InlineData("/untyped")]
    public async Task Get_SequenceInAnotherType_Negotiated(string path)
    {
        await using var app = await StartAsync();

        (await AnswersAsync(app, path)).Should().Be((Report.Array, Report.Stream));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ActionAnswersOtherwise_ItsOwnAnswer()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/action-result?found=false", "text/event-stream");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        answer.Header("Content-Type").Should().StartWith("application/problem+json");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ResultHasAStatus_StreamHasIt()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/accepted", "text/event-stream");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_SseItems_FramesInTheStreamAndPayloadsInTheArray()
    {
        await using var app = await StartAsync();

        (await AnswersAsync(app, "/items")).Should().Be((
            Report.Array,
            "id: 1\nevent: report\ndata: {\"number\":1,\"title\":\"first\"}\nretry: 1000\n\nid: 2\nevent: report\ndata: "
            + "{\"number\":2,\"title\":\"second\"}\nretry: 2000\n\n"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_Messages_FramesInTheStreamAndPayloadsInTheArray()
    {
        await using var app = await StartAsync();

        (await AnswersAsync(app, "/messages")).Should().Be((
            """["text",{"number":1,"title":"first"},{"number":2,"title":"second"}]""",
            "id: 1\nevent: note\ndata: text\n\n: no payload\n" + Report.Stream));
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_Strings_TextWithoutAMediaType()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/strings", "text/event-stream");

        stream.Header("X-Event-Data-Mimetype").Should().BeNull();
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: a\n\ndata: \"b\"\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_NoSequence_LeftToMvc()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/document", "text/event-stream");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Header("Vary").Should().BeNull();
        (await answer.ReadToEndAsync()).Should().Be("""{"number":7,"title":null}""");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/query")]
    [InlineData("/query-in-ok")]
    public async Task Get_CollectionThatIsASequenceAsWell_LeftToMvc(string path)
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync(path, "text/event-stream");

        answer.Header("Content-Type").Should().StartWith("application/json");
        answer.Header("Vary").Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ActionProducesJsonAlone_LeftToMvc()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/json-alone", "text/event-stream");

        answer.Header("Content-Type").Should().StartWith("application/json");
        (await answer.ReadToEndAsync()).Should().Be(Report.Array);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ActionProducesStreamAlone_StreamOr406()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/stream-alone", "*/*");
        using var refusal = await app.AskAsync("/stream-alone", "application/json");

        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
        refusal.Response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_StreamIsFinishedForThisClient_204WithoutAType()
    {
        await using var app = await StartAsync();

        using var answer = await app.OpenAsync("/reports", lastEventId: "7.end");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        answer.Header("Content-Type").Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task Add_TwiceAndToMvcCore_Once()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapControllers(),
            services =>
            {
                services.AddController<ReportsController>();
                services.AddMvcCore().AddEventStreamFormatter().AddEventStreamFormatter();
            });

        using var stream = await app.AskAsync("/reports", "text/event-stream");

        stream.Header("Vary").Should().Be("Accept");
        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(
        app => app.MapControllers(),
        services => services.AddController<ReportsController>().AddEventStreamFormatter());

    private static async Task<(string Array, string Stream)> AnswersAsync(TestApp app, string path)
    {
        using var array = await app.AskAsync(path, "application/json");
        using var stream = await app.AskAsync(path, "text/event-stream");
        return (await array.ReadToEndAsync(), await stream.ReadMessagesToEndAsync());
    }

    /// <summary>As a query of Entity Framework Core.</summary>
    private sealed class Query : List<Report>, IAsyncEnumerable<Report>
    {
        public IAsyncEnumerator<Report> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            Report.Two(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    [ApiController]
    public sealed class ReportsController : ControllerBase
    {
        [HttpGet("/reports")]
        public IAsyncEnumerable<Report> Reports() => Report.Two();

        [HttpPost("/reports")]
        [HttpPut("/reports")]
        public IAsyncEnumerable<Report> Echo(Report report) => new[] { report }.ToAsyncEnumerable();

        [HttpGet("/task")]
        public async Task<IAsyncEnumerable<Report>> InTask()
        {
            await Task.Yield();
            return Report.Two();
        }

        [HttpGet("/value-task")]
        public async ValueTask<IAsyncEnumerable<Report>> InValueTask()
        {
            await Task.Yield();
            return Report.Two();
        }

        [HttpGet("/action-result")]
        public async Task<ActionResult<IAsyncEnumerable<Report>>> InActionResult(bool found = true)
        {
            await Task.Yield();
            return found ? Ok(Report.Two()) : NotFound();
        }

        [HttpGet("/ok")]
        public IActionResult InOk() => Ok(Report.Two());

        [HttpGet("/untyped")]
        public object Untyped() => Report.Two();

        [HttpGet("/query")]
        public IEnumerable<Report> AsQuery() => new Query();

        [HttpGet("/query-in-ok")]
        public IActionResult QueryInOk() => Ok(new Query());

        [HttpGet("/accepted")]
        public ActionResult<IAsyncEnumerable<Report>> InAccepted() => Accepted(Report.Two());

        [HttpGet("/items")]
        public IAsyncEnumerable<SseItem<Report>> Items() => Report.Items();

        [HttpGet("/messages")]
        public IAsyncEnumerable<EventStreamMessage> Messages() => Report.Messages();

        [HttpGet("/strings")]
        public IAsyncEnumerable<string> Strings() => new[] { "a", "\"b\"" }.ToAsyncEnumerable();

        [HttpGet("/document")]
        public Report Document() => new() { Number = 7 };

        [HttpGet("/json-alone")]
        [Produces("application/json")]
        public IAsyncEnumerable<Report> JsonAlone() => Report.Two();

        [HttpGet("/stream-alone")]
        [Produces("text/event-stream")]
        public IAsyncEnumerable<Report> StreamAlone() => Report.Two();
    }
}
