using System.IO.Compression;
using System.Net.ServerSentEvents;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Tests.Seeds;

/// <summary>The facts that djblets' own tests state about its event streams, row by row, with our bytes where they differ.</summary>
/// <remarks>
/// The row of <c>api_format</c> is MVC's <c>?format=</c>. Its variant as a form field is omitted, because MVC reads the format from route
/// and query alone.
/// </remarks>
public sealed class DjbletsTableTests
{
    private const string FiveMessages =
        "data: This is message 0.\n\ndata: This is message 1.\n\ndata: This is message 2.\n\ndata: This is message 3.\n\ndata: This is "
        + "message 4.\n\n";

    private const string XmlKeys =
        "data: <Resource>\ndata:   <key>0</key>\ndata:   <stat>ok</stat>\ndata: </Resource>\n\n" +
        "data: <Resource>\ndata:   <key>1</key>\ndata:   <stat>ok</stat>\ndata: </Resource>\n\n";

    private static readonly int[] Numbers = [0, 1, 2, 3, 4];

    [Fact(Timeout = 30_000)]
    public async Task Bytes_FromASequence_OneDataLineEach() =>
        (await MessagesAsync(
            Numbers.Select(number => new EventStreamMessage { Data = Encoding.UTF8.GetBytes($"This is message {number}.") })))
                .Should().Be(FiveMessages);

    [Fact(Timeout = 30_000)]
    public async Task Strings_FromAFunctionWithoutAnId_OneDataLineEach()
    {
        string? seen = "not called";
        var result = Results.EventStream(lastEventId =>
        {
            seen = lastEventId;
            return Numbers.Select(number => new EventStreamMessage { Data = $"This is message {number}." }).ToAsyncEnumerable();
        });

        (await MessagesAsync(result)).Should().Be(FiveMessages);
        seen.Should().BeNull();
    }

    [Fact(Timeout = 30_000)]
    public async Task AllFields_InOrder() => (await MessagesAsync(AllFields())).Should().Be(
        "id: id-0\nevent: update\ndata: This is message 0.\nretry: 123\n\n" +
        "id: id-1\nevent: update\ndata: This is message 1.\nretry: 123\n\n" +
        "id: id-2\nevent: update\ndata: This is message 2.\nretry: 123\n\n" +
        "id: id-3\nevent: update\ndata: This is message 3.\nretry: 123\n\n" +
        "id: id-4\nevent: update\ndata: This is message 4.\nretry: 123\n\n");

    // There: a bare "id" line. Said explicitly here: the field and its empty value.
    [Fact(Timeout = 30_000)]
    public async Task EmptyId_ResetsThePositionExplicitly() =>
        (await MessagesAsync([new() { Id = "", Data = "test 0" }, new() { Id = "", Data = "test 1" }]))
            .Should().Be("id: \ndata: test 0\n\nid: \ndata: test 1\n\n");

    // There: k data lines, so the last line break is lost. Here the payload survives, as an empty line at its end.
    [Theory(Timeout = 30_000)]
    [InlineData(1, "data: line 1\ndata: \n\n")]
    [InlineData(2, "data: line 1\ndata: line 2\ndata: \n\n")]
    [InlineData(3, "data: line 1\ndata: line 2\ndata: line 3\ndata: \n\n")]
    public async Task Lines_EachEndingInLf_DataLinesAndAnEmptyOne(int count, string expected) =>
        (await MessagesAsync([new() { Data = string.Concat(Enumerable.Range(1, count).Select(line => $"line {line}\n")) }]))
            .Should().Be(expected);

    [Fact(Timeout = 30_000)]
    public async Task LastEventId_SourceBeginsThere()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(From)));

        using var stream = await app.OpenAsync("/", lastEventId: "3");

        (await stream.ReadMessagesToEndAsync()).Should().Be("id: 3\ndata: This is message 3.\n\nid: 4\ndata: This is message 4.\n\n");

        static IAsyncEnumerable<EventStreamMessage> From(string? lastEventId) => Numbers
            .Where(number => number >= int.Parse(lastEventId ?? "0"))
            .Select(number => new EventStreamMessage { Id = $"{number}", Data = $"This is message {number}." }).ToAsyncEnumerable();
    }

    [Fact(Timeout = 30_000)]
    public async Task AllFields_ThroughGzip_SameBytesAtOnce()
    {
        var gate = new SemaphoreSlim(0);
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseResponseCompression();
                app.MapGet("/", () => Results.EventStream(OneAtATime()));
            },
            services => services.AddResponseCompression(compression => compression.MimeTypes = ["text/event-stream"]));

        using var zipped = await app.OpenAsync("/", change: request => request.Headers.AcceptEncoding.ParseAdd("gzip"));
        zipped.Header("Content-Encoding").Should().Be("gzip");
        using var stream = new StreamReading(
            zipped.Response, new GZipStream(await zipped.Response.Content.ReadAsStreamAsync(), CompressionMode.Decompress));

        await stream.ReadRetryAsync();
        foreach (var number in Numbers)
        {
            gate.Release();
            var expected = $"id: id-{number}\nevent: update\ndata: This is message {number}.\nretry: 123\n\n";
            (await stream.ReadAsync(expected)).Should().Be(expected);
        }

        gate.Release();
        (await stream.ReadToEndAsync()).Should().BeEmpty();

        async IAsyncEnumerable<EventStreamMessage> OneAtATime()
        {
            foreach (var message in AllFields())
            {
                await gate.WaitAsync();
                yield return message;
            }

            await gate.WaitAsync();
        }
    }

    // There: {"key": 0, "stat": "ok"}. .NET writes no spaces between the members.
    [Fact(Timeout = 30_000)]
    public async Task Objects_JsonByDefault()
    {
        await using var app = await StartApiAsync();

        using var stream = await app.AskAsync("/keys", "text/event-stream");

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/json");
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: {\"key\":0,\"stat\":\"ok\"}\n\ndata: {\"key\":1,\"stat\":\"ok\"}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Objects_ExplicitPayloadType_JsonNamedSo()
    {
        await using var app = await StartApiAsync(options => options.DataMediaType = "application/vnd.foo.resource+json");

        using var stream = await app.AskAsync("/keys", "text/event-stream");

        stream.Header("X-Event-Data-Mimetype").Should().Be("application/vnd.foo.resource+json");
        (await stream.ReadMessagesToEndAsync()).Should().Be("data: {\"key\":0,\"stat\":\"ok\"}\n\ndata: {\"key\":1,\"stat\":\"ok\"}\n\n");
    }

    // There Accept: application/xml alone gives a stream. Here the stream is asked for as well: otherwise the client asks for a document.
    [Theory(Timeout = 30_000)]
    [InlineData("/keys", "text/event-stream, application/xml")]
    [InlineData("/keys?format=xml", "text/event-stream")]
    public async Task Objects_ClientWantsXml_DocumentOverSeveralDataLines(string path, string accept)
    {
        await using var app = await StartApiAsync();

        using var stream = await app.AskAsync(path, accept);

        stream.Header("Content-Type").Should().Be("text/event-stream");
        stream.Header("X-Event-Data-Mimetype").Should().Be("application/xml");
        (await stream.ReadMessagesToEndAsync()).Should().Be(XmlKeys);
    }

    [Fact(Timeout = 30_000)]
    public async Task List_TwoProgressEventsAndAResult()
    {
        await using var app = await StartApiAsync();

        using var stream = await app.AskAsync("/list", "text/event-stream");

        (await stream.ReadMessagesToEndAsync()).Should().Be(
            "event: progress\ndata: {\"step\":1,\"total\":2,\"stat\":\"ok\"}\n\n" +
            "event: progress\ndata: {\"step\":2,\"total\":2,\"stat\":\"ok\"}\n\n" +
            "event: result\ndata: {\"result\":\"tada\",\"stat\":\"ok\"}\n\n");
    }

    private static IEnumerable<EventStreamMessage> AllFields() => Numbers.Select(number => new EventStreamMessage
    {
        Id = $"id-{number}",
        Event = "update",
        Data = $"This is message {number}.",
        Retry = TimeSpan.FromMilliseconds(123),
    });

    private static Task<string> MessagesAsync(IEnumerable<EventStreamMessage> messages) =>
        MessagesAsync(Results.EventStream(messages.ToAsyncEnumerable()));

    private static async Task<string> MessagesAsync(IResult result)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => result));
        using var stream = await app.OpenAsync("/");
        return await stream.ReadMessagesToEndAsync();
    }

    private static Task<TestApp> StartApiAsync(Action<EventStreamOptions>? options = null) => TestApp.StartAsync(
        app => app.MapControllers(),
        services =>
        {
            services.AddEventStreams(options);
            services.AddController<ResourceController>().AddEventStreamFormatter().AddMvcOptions(mvc =>
            {
                mvc.OutputFormatters.Add(new PlainXml());
                mvc.FormatterMappings.SetMediaTypeMappingForFormat("xml", "application/xml");
            });
        });

    /// <summary>MVC's own XML, indented and without the namespaces that no reader of an event needs.</summary>
    private sealed class PlainXml : XmlSerializerOutputFormatter
    {
        public PlainXml() => WriterSettings.Indent = true;

        protected override void Serialize(
            System.Xml.Serialization.XmlSerializer xmlSerializer, System.Xml.XmlWriter xmlWriter, object? value) =>
            xmlSerializer.Serialize(xmlWriter, value, new([System.Xml.XmlQualifiedName.Empty]));
    }

    [System.Xml.Serialization.XmlType("Resource")]
    public sealed class Resource
    {
        [System.Xml.Serialization.XmlElement("key")]
        public int Key { get; set; }

        [System.Xml.Serialization.XmlElement("stat")]
        public string Stat { get; set; } = "ok";
    }

    public sealed record Progress(int Step, int Total, string Stat = "ok");

    public sealed record Outcome(string Result, string Stat = "ok");

    [ApiController]
    public sealed class ResourceController : ControllerBase
    {
        [HttpGet("/keys")]
        [FormatFilter]
        public IAsyncEnumerable<Resource> Keys() => new Resource[] { new() { Key = 0 }, new() { Key = 1 } }.ToAsyncEnumerable();

        [HttpGet("/list")]
        public async IAsyncEnumerable<SseItem<object>> List()
        {
            yield return new(new Progress(1, 2), "progress");
            await Task.Yield();
            yield return new(new Progress(2, 2), "progress");
            yield return new(new Outcome("tada"), "result");
        }
    }
}
