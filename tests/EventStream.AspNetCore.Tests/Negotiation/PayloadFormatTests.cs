using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>By which of MVC's formatters the payloads of a stream are made.</summary>
public sealed class PayloadFormatTests
{
    private const string Namespaces =
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"";

    private const string XmlStream =
        $"data: <Report {Namespaces}>\ndata:   <Number>1</Number>\ndata:   <Title>first</Title>\ndata: </Report>\n\n" +
        $"data: <Report {Namespaces}>\ndata:   <Number>2</Number>\ndata:   <Title>second</Title>\ndata: </Report>\n\n";

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream, application/xml", "application/xml")]
    [InlineData("application/xml;q=0.5, text/event-stream, application/json;q=0.4", "application/xml")]
    [InlineData("image/png;q=0.9, text/event-stream, text/xml;q=0.8", "text/xml")]
    public async Task Get_AcceptNamesXmlNext_XmlOverSeveralDataLines(string accept, string mediaType)
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/reports", accept);

        stream.Header("Content-Type").Should().Be("text/event-stream");
        stream.Header("X-Event-Data-Mimetype").Should().Be(mediaType);
        (await stream.ReadMessagesToEndAsync()).Should().Be(XmlStream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream, application/json;q=0.5, application/xml;q=0.4", "application/json")]
    [InlineData("text/event-stream, image/png, */*;q=0.1", "application/json")]
    [InlineData("text/event-stream, application/xml;q=0", "application/json")]
    [InlineData("text/event-stream, text/json", "text/json")]
    public async Task Get_AcceptNamesJsonNextOrNothing_Json(string accept, string mediaType)
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/reports", accept);

        stream.Header("X-Event-Data-Mimetype").Should().Be(mediaType);
        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FormatXml_XmlWhateverElseAcceptNames()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/formatted?format=xml", "text/event-stream, application/json;q=0.5");

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/xml");
        (await stream.ReadMessagesToEndAsync()).Should().Be(XmlStream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null)]
    [InlineData("image/png")]
    public async Task Get_FormatJsonWithoutEventStream_LeftToMvc(string? accept)
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/formatted?format=json", accept);

        (await answer.ReadToEndAsync()).Should().Be(Report.Array);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FormatThatNoFormatterWrites_406()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/formatted?format=csv", "text/event-stream");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FormatThatIsUnknown_404OfMvc()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/formatted?format=unknown", "text/event-stream");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FormatWithoutFormatFilter_NotRead()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/reports?format=xml", "text/event-stream");

        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_DataMediaTypeIsAJsonType_JsonNamedSo()
    {
        await using var app = await StartAsync(options => options.DataMediaType = "application/vnd.foo.resource+json");

        using var stream = await app.AskAsync("/formatted?format=xml", "text/event-stream, application/xml");

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/vnd.foo.resource+json");
        (await stream.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_DataMediaTypeIsAnXmlType_XmlNamedSo()
    {
        await using var app = await StartAsync(options => options.DataMediaType = "application/vnd.foo.resource+xml");

        using var stream = await app.AskAsync("/reports", "text/event-stream");

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/vnd.foo.resource+xml");
        (await stream.ReadMessagesToEndAsync()).Should().Be(XmlStream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream", "application/vnd.foo.resource+json", Report.Stream)]
    [InlineData("text/event-stream, application/vnd.foo.resource+xml", "application/vnd.foo.resource+xml", XmlStream)]
    [InlineData("text/event-stream, application/xml", "application/vnd.foo.resource+xml", XmlStream)]
    [InlineData("text/event-stream, image/png", "application/vnd.foo.resource+json", Report.Stream)]
    public async Task Get_ActionProducesTypesOfItsOwn_PayloadIsOneOfThem(string accept, string mediaType, string expected)
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/own-types", accept);

        stream.Header("X-Event-Data-Mimetype").Should().Be(mediaType);
        (await stream.ReadMessagesToEndAsync()).Should().Be(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_MvcJsonOptions_UsedForPayloads()
    {
        await using var app = await StartAsync(
            json: options => options.JsonSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper);

        using var stream = await app.AskAsync("/reports", "text/event-stream");

        (await stream.ReadMessagesToEndAsync())
            .Should().Be("data: {\"NUMBER\":1,\"TITLE\":\"first\"}\n\ndata: {\"NUMBER\":2,\"TITLE\":\"second\"}\n\n");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream, application/xml")]
    public async Task Get_AcceptCharsetIsUtf16_Utf8Anyway(string accept)
    {
        await using var app = await StartAsync();

        using var stream = await app.OpenAsync("/reports", change: request =>
        {
            request.Headers.Accept.Clear();
            request.Headers.TryAddWithoutValidation("Accept", accept);
            request.Headers.AcceptCharset.ParseAdd("utf-16");
        });

        stream.Header("Content-Type").Should().Be("text/event-stream");
        (await stream.ReadMessagesToEndAsync()).Should().BeOneOf(Report.Stream, XmlStream);
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FormatterOfTheApp_WritesPayloads()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/reports", "text/event-stream, text/x-title");

        stream.Header("X-Event-Data-Mimetype").Should().Be("text/x-title");
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: first\n\ndata: second\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_NoFormatterForTheArray_406AndNoStreamInstead()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapControllers(),
            services => services.AddController<FormatsController>().AddEventStreamFormatter()
                .AddMvcOptions(mvc => mvc.OutputFormatters.RemoveType<SystemTextJsonOutputFormatter>()));

        using var answer = await app.AskAsync("/reports", accept: null);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
    }

    private static Task<TestApp> StartAsync(Action<EventStreamOptions>? options = null, Action<JsonOptions>? json = null) =>
        TestApp.StartAsync(
            app => app.MapControllers(),
            services =>
            {
                if (options is not null) services.AddEventStreams(options);
                var mvc = services.AddController<FormatsController>().AddXmlSerializerFormatters().AddEventStreamFormatter();
                if (json is not null) mvc.AddJsonOptions(json);
                services.Configure<MvcOptions>(formats =>
                {
                    formats.OutputFormatters.OfType<XmlSerializerOutputFormatter>().Single().WriterSettings.Indent = true;
                    formats.OutputFormatters.Add(new TitleFormatter());
                    formats.FormatterMappings.SetMediaTypeMappingForFormat("csv", "text/csv");
                });
            });

    /// <summary>An app's own formatter, which writes to the response's pipe and leaves the flush to the server.</summary>
    private sealed class TitleFormatter : OutputFormatter
    {
        public TitleFormatter() => SupportedMediaTypes.Add("text/x-title");

        public override Task WriteResponseBodyAsync(OutputFormatterWriteContext context)
        {
            context.HttpContext.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(((Report)context.Object!).Title!));
            return Task.CompletedTask;
        }

        protected override bool CanWriteType(Type? type) => type == typeof(Report);
    }

    [ApiController]
    public sealed class FormatsController : ControllerBase
    {
        [HttpGet("/reports")]
        public IAsyncEnumerable<Report> Reports() => Report.Two();

        [HttpGet("/formatted")]
        [FormatFilter]
        public IAsyncEnumerable<Report> Formatted() => Report.Two();

        [HttpGet("/own-types")]
        [Produces("text/event-stream", "application/vnd.foo.resource+json", "application/vnd.foo.resource+xml")]
        public IAsyncEnumerable<Report> OwnTypes() => Report.Two();
    }
}
