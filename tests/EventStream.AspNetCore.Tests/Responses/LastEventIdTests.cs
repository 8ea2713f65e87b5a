using System.Net;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class LastEventIdTests
{
    [Theory(Timeout = 30_000)]
    [InlineData(null, "null")]
    [InlineData("", "''")]
    [InlineData("42", "'42'")]
    [InlineData("a,b", "'a,b'")]
    public async Task Header_AsSent_ReachesTheFunction(string? sent, string expected)
    {
        await using var app = await TestApp.StartAsync(Echo());

        await using var stream = await app.ListenAsync("/", sent);

        (await stream.NextAsync()).Data.Should().Be(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task Header_Utf8_ReachesTheFunctionAsText()
    {
        await using var app = await TestApp.StartAsync(Echo());

        var answer = await RawAsync(app, "Last-Event-ID: grüße-€\r\n");

        answer.Should().Contain("data: 'grüße-€'\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Header_SentTwice_IsRefusedWithTheReason()
    {
        await using var app = await TestApp.StartAsync(Echo());

        var answer = await RawAsync(app, "Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n");

        answer.Should().StartWith("HTTP/1.1 400").And.Contain("Last-Event-ID was sent 2 times. Send it once.");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1_000_000, "HTTP/1.1 431")]
    [InlineData(20_000, "HTTP/1.1 200")]
    public async Task Header_Huge_ClearOutcomeAndNoExceptionInTheLog(int length, string status)
    {
        await using var app = await TestApp.StartAsync(Echo());

        var answer = await RawAsync(app, $"Last-Event-ID: {new string('9', length)}\r\n");

        answer.Should().StartWith(status);
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Header_NotUtf8_IsRefusedByTheServer()
    {
        await using var app = await TestApp.StartAsync(Echo());

        var answer = await RawAsync(app, "Last-Event-ID: \u00e9\r\n", Encoding.Latin1);

        answer.Should().StartWith("HTTP/1.1 400");
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("?lastEventId=7", null, "'7'")]
    [InlineData("?lastEventId=7", "8", "'8'")]
    [InlineData("?lastEventId=", null, "''")]
    [InlineData("", null, "null")]
    public async Task Query_OptedIn_IsThePositionUnlessThereIsAHeader(string query, string? header, string expected)
    {
        await using var app = await TestApp.StartAsync(Echo(o => o.LastEventIdQueryParameter = "lastEventId"));

        await using var stream = await app.ListenAsync("/" + query, header);

        (await stream.NextAsync()).Data.Should().Be(expected);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("?lastEventId=1&lastEventId=2")]
    [InlineData("?lastEventId=7.end&lastEventId=7.end")]
    [InlineData("?lastEventId=&LASTEVENTID=2")]
    public async Task Query_TwoPositions_AreRefusedWithTheReason(string query)
    {
        await using var app = await TestApp.StartAsync(Echo(o => o.LastEventIdQueryParameter = "lastEventId"));

        using var answer = await app.OpenAsync("/" + query);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.ReadToEndAsync()).Should().Be("The query parameter lastEventId was sent 2 times. Send it once.");
    }

    [Fact(Timeout = 30_000)]
    public async Task Query_TwoPositionsBesideAHeader_HeaderWins()
    {
        await using var app = await TestApp.StartAsync(Echo(o => o.LastEventIdQueryParameter = "lastEventId"));

        await using var stream = await app.ListenAsync("/?lastEventId=1&lastEventId=2", "8");

        (await stream.NextAsync()).Data.Should().Be("'8'");
    }

    [Fact(Timeout = 30_000)]
    public async Task Query_NotOptedIn_IsIgnored()
    {
        await using var app = await TestApp.StartAsync(Echo());

        await using var stream = await app.ListenAsync("/?lastEventId=7");

        (await stream.NextAsync()).Data.Should().Be("null");
    }

    [Fact(Timeout = 30_000)]
    public async Task Query_WithTheEndMark_204()
    {
        await using var app = await TestApp.StartAsync(Echo(o => o.LastEventIdQueryParameter = "lastEventId"));

        await using var stream = await app.ListenAsync("/?lastEventId=7.end", expectedStatus: HttpStatusCode.NoContent);
    }

    private static Action<WebApplication> Echo(Action<EventStreamOptions>? configure = null) => app =>
        app.MapGet("/", () => Results.EventStream(id => One(id is null ? "null" : $"'{id}'"), configure));

    private static async IAsyncEnumerable<EventStreamMessage> One(string data)
    {
        yield return new() { Data = data };
        await Task.CompletedTask;
    }

    /// <summary>What the server answers to a request whose header is written byte by byte, as no client library would.</summary>
    private static async Task<string> RawAsync(TestApp app, string header, Encoding? encoding = null)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(app.Address.Host, app.Address.Port).WaitAsync(Soon.Limit);
        await using var stream = socket.GetStream();
        try
        {
            await stream.WriteAsync(
                (encoding ?? Encoding.UTF8).GetBytes($"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n"));
        }
        catch (IOException)
        {
            // A server that has refused need not read the rest.
        }

        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer).OrFail();
        }
        catch (IOException)
        {
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
