using Microsoft.AspNetCore.Mvc.Testing;

namespace EventStream.Testing.Tests;

/// <summary>The kit where most users' tests have their app.</summary>
public sealed class WebApplicationFactoryTests(WebApplicationFactoryTests.AppInMemory app)
    : IClassFixture<WebApplicationFactoryTests.AppInMemory>
{
    [Fact(Timeout = 30_000)]
    public async Task OpenEventStreamAsync_ClientOfAFactory_ReadsAndResumes()
    {
        await using var stream = await app.CreateClient().OpenEventStreamAsync("/numbers");
        (await stream.CollectAsync(2)).ShouldBeConsecutive(first: 1);

        await stream.ReconnectAsync();

        (await stream.CollectToEndAsync()).ShouldBeConsecutive(first: 3, last: 4);
    }

    [Fact(Timeout = 30_000)]
    public async Task CreateDefaultClient_WithFaults_TheyHappen()
    {
        using var faults = new FaultHandler().Plan(Fault.CutAfter(30));
        await using var stream = await app.CreateDefaultClient(faults).OpenEventStreamAsync("/numbers");

        (await stream.NextAsync()).Id.Should().Be("1");
        await stream.ExpectCutAsync();
    }

    public sealed class AppInMemory : WebApplicationFactory<AppInMemory>
    {
        // The test assembly's own entry point runs tests, and so is none of an app.
        protected override IHostBuilder CreateHostBuilder() => new HostBuilder().ConfigureWebHost(web => web
            .ConfigureServices(services => services.AddRouting())
            .Configure(app => app.UseRouting().UseEndpoints(endpoints => endpoints.MapGet("/numbers", () => Results.EventStream(
                id =>
                {
                    var after = id is null ? 0 : int.Parse(id);
                    return Numbered.Messages(after + 1, 4 - after);
                },
                o => o.Retry = null)))));

        protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseContentRoot(AppContext.BaseDirectory);
    }
}
