using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>A server on loopback, and what a page of another site can make a browser send to it.</summary>
public sealed class LoopbackProtectionTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("localhost")]
    [InlineData("localhost:5000")]
    [InlineData("LocalHost:5000")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:5000")]
    [InlineData("127.1.2.3:5000")]
    [InlineData("[::1]")]
    [InlineData("[::1]:5000")]
    public async Task Host_OfLoopback_Passes(string host)
    {
        await using var app = await StartAsync();

        (await AnswerAsync(app, $"Host: {host}\r\n")).Should().StartWith("HTTP/1.1 200 ");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("evil.example", 403)]
    [InlineData("evil.example:5000", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("evil-localhost", 403)]
    [InlineData("app.localhost", 403)]
    [InlineData("localhost.", 403)]
    [InlineData("127.0.0.1.", 403)]
    [InlineData("127.0.0.1.nip.io", 403)]
    [InlineData("127.0.0.1.evil.example:5000", 403)]
    [InlineData("2130706433", 403)]
    [InlineData("0x7f000001", 403)]
    [InlineData("0x7f.0.0.1", 403)]
    [InlineData("0177.0.0.1", 403)]
    [InlineData("127.1", 403)]
    [InlineData("127.0.0.01", 403)]
    [InlineData("128.0.0.1", 403)]
    [InlineData("0.0.0.0", 403)]
    [InlineData("192.168.0.1", 403)]
    [InlineData("[::2]", 403)]
    [InlineData("[0:0:0:0:0:0:0:1]", 403)]
    [InlineData("[::ffff:127.0.0.1]", 403)]
    [InlineData("[::]", 400)]
    [InlineData("::1", 400)]
    [InlineData("[::1%25lo]", 400)]
    [InlineData("[::1%lo]", 400)]
    [InlineData("[::1", 400)]
    [InlineData("localhost:port", 400)]
    [InlineData("user@localhost", 400)]
    [InlineData("localhost, evil.example", 400)]
    [InlineData("localhost/evil.example", 400)]
    [InlineData("", 403)]
    public async Task Host_Other_IsRefusedBeforeAnythingRuns(string host, int status)
    {
        await using var app = await StartAsync();

        var answer = await AnswerAsync(app, $"Host: {host}\r\n");

        answer.Should().StartWith($"HTTP/1.1 {status} ");
        // Kestrel itself rejects what is no host, without a reason.
        if (status == 403) answer.Should().Contain("ask it as localhost");
        Ran(app).Should().BeFalse();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n", 400)]
    [InlineData("GET / HTTP/1.0\r\n", 403)]
    [InlineData("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n", 403)]
    [InlineData("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n", 400)]
    [InlineData("GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n", 400)]
    [InlineData("GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n", 200)]
    [InlineData("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n", 403)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n", 403)]
    [InlineData("GET /missing HTTP/1.1\r\nHost: evil.example\r\n", 403)]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n", 403)]
    public async Task Request_OfAnUnusualForm_IsJudgedByTheHostThatItIsFor(string request, int status)
    {
        await using var app = await StartAsync();
        using var connection = await RawRequest.ConnectAsync(app);

        await connection.SendAsync($"{request}Connection: close\r\n\r\n");

        (await connection.ReadToEndAsync()).Should().MatchRegex($@"^HTTP/1\.[01] {status} ");
        Ran(app).Should().Be(status == 200);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("http://localhost", 200)]
    [InlineData("http://localhost:3000", 200)]
    [InlineData("https://localhost:3000", 200)]
    [InlineData("http://127.0.0.1:3000", 200)]
    [InlineData("http://127.8.8.8", 200)]
    [InlineData("http://[::1]:3000", 200)]
    [InlineData("https://app.example", 200)]
    [InlineData("HTTPS://APP.EXAMPLE", 200)]
    [InlineData("tool://panel", 200)]
    [InlineData("null", 403)]
    [InlineData("", 403)]
    [InlineData("https://evil.example", 403)]
    [InlineData("http://localhost.evil.example", 403)]
    [InlineData("http://127.0.0.1.nip.io", 403)]
    [InlineData("http://2130706433", 403)]
    [InlineData("http://127.1", 403)]
    [InlineData("http://localhost.", 403)]
    [InlineData("http://localhost@evil.example", 403)]
    [InlineData("http://evil.example@localhost", 403)]
    [InlineData("http://localhost/path", 403)]
    [InlineData("http://app.example", 403)]
    [InlineData("https://app.example:8443", 403)]
    [InlineData("https://sub.app.example", 403)]
    [InlineData("ftp://localhost", 403)]
    [InlineData("localhost", 403)]
    [InlineData("http://localhost, https://evil.example", 403)]
    [InlineData("http://localhost https://evil.example", 403)]
    [InlineData("http://localhost\r\nOrigin: https://evil.example", 403)]
    public async Task Origin_Present_PassesIfOfLoopbackOrNamedByTheApp(string origin, int status)
    {
        await using var app = await StartAsync();

        var answer = await AnswerAsync(app, $"Host: localhost:5000\r\nOrigin: {origin}\r\n");

        answer.Should().StartWith($"HTTP/1.1 {status} ");
        if (status == 403) answer.Should().Contain("add its origin to UseLoopbackProtection");
        Ran(app).Should().Be(status == 200);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    public async Task Http2_Authority_IsTheHost(string host, HttpStatusCode status)
    {
        await using var app = await StartAsync(http2: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Host = host },
        };

        using var response = await app.Client.SendAsync(request).OrFail();

        response.StatusCode.Should().Be(status);
        Ran(app).Should().Be(status == HttpStatusCode.OK);
    }

    [Fact(Timeout = 30_000)]
    public async Task Preflight_OfAnotherPage_IsRefusedAlthoughCorsAllowsAll()
    {
        await using var app = await StartAsync(cors: true);

        var answer = await AnswerAsync(
            app, "Host: localhost\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n", "OPTIONS");

        answer.Should().StartWith("HTTP/1.1 403 ").And.NotContain("Access-Control-Allow");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("app.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/path")]
    [InlineData("https://app.example:443")]
    [InlineData("https://*.app.example")]
    [InlineData("https://user@app.example")]
    [InlineData("https://bücher.example")]
    public void AllowedOrigin_IsNoOrigin_IsRefusedWithWhatToWrite(string origin)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());

        var use = () => builder.WebHost.UseLoopbackProtection("https://fine.example", origin);

        use.Should().Throw<ArgumentException>().WithMessage($"'{origin}' is no origin. Write it as the browser sends it: *");
    }

    // Nothing of the app may have run: neither a middleware, nor authentication, nor the endpoint.
    private static bool Ran(TestApp app) => app.Log.Entries.Any(entry => entry.Message == "the app ran");

    private static async Task<string> AnswerAsync(TestApp app, string headers, string method = "GET")
    {
        using var connection = await RawRequest.ConnectAsync(app);
        await connection.SendAsync($"{method} /page HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
        return await connection.ReadToEndAsync();
    }

    private Task<TestApp> StartAsync(bool http2 = false, bool cors = false) => TestApp.StartAsync(
        app =>
        {
            app.Use((context, next) =>
            {
                app.Logger.LogInformation("the app ran");
                return next(context);
            });
            if (cors) app.UseCors(policy => policy.AllowAnyOrigin().AllowAnyHeader());
            app.MapMethods("/page", ["GET", "POST", "OPTIONS"], () => "answered");
            app.MapMethods("/", ["GET", "POST", "OPTIONS"], () => "answered");
        },
        services => services.AddCors(),
        http2,
        server => server.UseLoopbackProtection("https://app.example").UseLoopbackProtection("tool://panel"));
}
