using System.Diagnostics;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Http.Features;

namespace EventStream.AspNetCore.Tests.Diagnostics;

public sealed class ActivityTests
{
    [Fact(Timeout = 30_000)]
    public async Task Stream_RequestsActivity_IsMarkedAsLongRunning()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        Activity? activity = null;
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (HttpContext context) =>
        {
            activity = context.Features.Get<IHttpActivityFeature>()!.Activity;
            return Results.EventStream(Numbered.Messages(0, 1));
        }));

        using var stream = await app.OpenAsync("/");
        await stream.ReadToEndAsync();

        activity!.GetTagItem("http.long_running").Should().Be("true");
    }
}
