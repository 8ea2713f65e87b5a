using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Testing;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>A user's own tests: an app in memory, by <see cref="WebApplicationFactory{TEntryPoint}"/>.</summary>
public sealed class WebApplicationFactoryTests(WebApplicationFactoryTests.AppInMemory app)
    : IClassFixture<WebApplicationFactoryTests.AppInMemory>
{
    [Theory(Timeout = 30_000)]
    [InlineData("/endpoint")]
    [InlineData("/action")]
    public async Task Get_AcceptJson_Array(string path)
    {
        using var answer = await GetAsync(path, "application/json");

        answer.Header("Content-Type").Should().StartWith("application/json");
        (await answer.ReadToEndAsync()).Should().Be(Report.Array);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/endpoint")]
    [InlineData("/action")]
    public async Task Get_AcceptEventStream_Stream(string path)
    {
        using var answer = await GetAsync(path, "text/event-stream");

        answer.Header("Content-Type").Should().Be("text/event-stream");
        (await answer.ReadMessagesToEndAsync()).Should().Be(Report.Stream);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/endpoint")]
    [InlineData("/action")]
    public async Task Get_AcceptSomethingElse_406(string path)
    {
        using var answer = await GetAsync(path, "image/png");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
    }

    private async Task<StreamReading> GetAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        var response = await app.CreateClient().SendAsync(request, HttpCompletionOption.ResponseHeadersRead).OrFail();
        return new(response, await response.Content.ReadAsStreamAsync());
    }

    public sealed class AppInMemory : WebApplicationFactory<AppInMemory>
    {
        // The test assembly's own entry point runs tests, and so is none of an app.
        protected override IHostBuilder CreateHostBuilder() => new HostBuilder().ConfigureWebHost(web => web
            .ConfigureServices(services => services.AddController<ReportsController>().AddEventStreamFormatter())
            .Configure(app => app.UseRouting().UseEndpoints(endpoints =>
            {
                endpoints.MapControllers();
                endpoints.MapGet("/endpoint", () => Report.Two()).WithEventStreamNegotiation();
            })));

        protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseContentRoot(AppContext.BaseDirectory);
    }

    [ApiController]
    public sealed class ReportsController : ControllerBase
    {
        [HttpGet("/action")]
        public IAsyncEnumerable<Report> Reports() => Report.Two();
    }
}
