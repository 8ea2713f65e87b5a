using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OutputCaching;

namespace EventStream.AspNetCore.Tests.Mvc;

/// <summary>
/// MVC takes the metadata of a result type as minimal APIs do, and <c>AddEventStreamFormatter</c> adds it to what is negotiated.
/// </summary>
public sealed class ActionMetadataTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("Result", true)]
    [InlineData("TypedInTask", true)]
    [InlineData("Sequence", true)]
    [InlineData("SequenceInActionResult", true)]
    [InlineData("SequenceAsJsonAlone", false)]
    [InlineData("Document", false)]
    public async Task Endpoint_ReturnTypeOfAction_ReportsWhetherItStreams(string action, bool streams)
    {
        await using var app = await StartAsync();

        var endpoint = app.App.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.Single(endpoint => endpoint.DisplayName!.Contains($".{action} ", StringComparison.Ordinal));

        (endpoint.Metadata.GetMetadata<DisableRequestTimeoutAttribute>() is not null).Should().Be(streams);
        (endpoint.Metadata.GetMetadata<IOutputCachePolicy>() is not null).Should().Be(streams);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/result")]
    [InlineData("/sequence")]
    public async Task Get_OutputCacheOfTheWholeApp_EachClientHasItsOwnStream(string path)
    {
        await using var app = await StartAsync();
        var before = Source.Count;

        using (var first = await app.AskAsync(path, "text/event-stream")) await first.ReadToEndAsync();
        using (var second = await app.AskAsync(path, "text/event-stream")) await second.ReadToEndAsync();

        (Source.Count - before).Should().Be(2);
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/slow")]
    [InlineData("/slow-sequence")]
    public async Task Get_RequestTimeoutOfTheWholeApp_StreamContinues(string path)
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync(path, "text/event-stream");

        (await stream.ReadMessagesToEndAsync()).Should().Be("data: still here\n\n");
        app.Log.AtLeast(LogLevel.Warning).Should().BeEmpty();
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(
        app =>
        {
            app.UseRouting();
            app.UseRequestTimeouts();
            app.UseOutputCache();
            app.MapControllers();
        },
        services =>
        {
            services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new() { Timeout = TimeSpan.FromMilliseconds(50) });
            services.AddOutputCache(cache => cache.AddBasePolicy(policy => policy.Cache()));
            services.AddController<MetadataController>().AddEventStreamFormatter();
        });

    private static class Source
    {
        private static int _count;

        public static int Count => Volatile.Read(ref _count);

        public static async IAsyncEnumerable<EventStreamMessage> Messages()
        {
            Interlocked.Increment(ref _count);
            yield return new() { Data = "here" };
            await Task.CompletedTask;
        }

        // Longer than the app's request timeout, which runs on the real clock.
        public static async IAsyncEnumerable<EventStreamMessage> Slow(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Delay(400, cancellationToken);
            yield return new() { Data = "still here" };
        }
    }

    [ApiController]
    public sealed class MetadataController : ControllerBase
    {
        [HttpGet("/result")]
        public EventStreamResult Result() => new(Source.Messages());

        [HttpGet("/slow")]
        public EventStreamResult Slow() => new(Source.Slow());

        [HttpGet("/slow-sequence")]
        public IAsyncEnumerable<EventStreamMessage> SlowSequence() => Source.Slow();

        [HttpGet("/typed")]
        public Task<EventStreamResult<string>> TypedInTask() =>
            Task.FromResult(new EventStreamResult<string>(AsyncEnumerable.Empty<string>()));

        [HttpGet("/sequence")]
        public IAsyncEnumerable<EventStreamMessage> Sequence() => Source.Messages();

        [HttpGet("/sequence-in-action-result")]
        public async Task<ActionResult<IAsyncEnumerable<int>>> SequenceInActionResult()
        {
            await Task.Yield();
            return NotFound();
        }

        [HttpGet("/sequence-as-json-alone")]
        [Produces("application/json")]
        public IAsyncEnumerable<int> SequenceAsJsonAlone() => AsyncEnumerable.Empty<int>();

        [HttpGet("/document")]
        public string Document() => "";
    }
}
