using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>The older response caching, which goes by the headers of the response.</summary>
public sealed class ResponseCachingTests
{
    [Fact(Timeout = 30_000)]
    public async Task Cache_OneStreamAfterAnother_EachIsLive()
    {
        var sources = new SourcePerRequest();
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseResponseCaching();
                app.MapGet("/", () => Results.EventStream(sources.Open()));
            },
            services => services.AddResponseCaching());

        for (var client = 0; client < 2; client++)
        {
            using var stream = await app.OpenAsync("/");
            var source = await sources.NextAsync();
            await stream.ReadRetryAsync();
            await stream.ShouldPassAtOnceAsync(source, $"for client {client}");
            source.Finish();
            (await stream.ReadToEndAsync()).Should().BeEmpty();
        }
    }
}
