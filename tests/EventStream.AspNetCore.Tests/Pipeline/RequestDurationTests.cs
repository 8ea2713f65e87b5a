using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Pipeline;

/// <summary>The server's own histogram of request durations.</summary>
public sealed class RequestDurationTests
{
    private const string Duration = "http.server.request.duration";

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExcludeFromRequestDuration_Stream_IsLeftOutOnlyWhereItIsSet(bool exclude)
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.MapGet("/stream", () => Results.EventStream(Numbered.Messages(0, 3)));
                app.MapGet("/page", () => "ordinary");
            },
            services => services.AddMetrics().AddEventStreams(o => o.ExcludeFromRequestDuration = exclude));
        using var metrics = new MetricRecorder(app.App.Services, "Microsoft.AspNetCore.Hosting");

        using var stream = await app.OpenAsync("/stream");
        await stream.ReadToEndAsync();
        await Soon.Until(() => app.Log.Entries.Count(entry => entry.Message.StartsWith("Request finished")) == 1);
        await app.Client.GetStringAsync("/page").OrFail();

        await Soon.Until(() => Routes().Contains("/page"));
        Routes().Contains("/stream").Should().Be(!exclude);

        IEnumerable<object?> Routes() => metrics.Of(Duration).Select(measured => measured.Tags["http.route"]);
    }
}
