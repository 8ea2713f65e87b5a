using System.Buffers;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using EventStream.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace EventStream.AspNetCore.Tests.Negotiation;

/// <summary>A payload that MVC's formatter cannot write is a fault of the source, as everywhere else.</summary>
public sealed class FormatterFaultTests
{
    [Fact(Timeout = 30_000)]
    public async Task Get_LaterPayloadCannotBeWritten_StreamIsCutAfterWhatCameBefore()
    {
        await using var app = await StartAsync();

        using var stream = await app.AskAsync("/second-fails", "text/event-stream");

        await stream.ReadRetryAsync();
        (await stream.ReadAsync("data: {\"text\":\"1\",\"poison\":null}\n\n")).Should().Be("data: {\"text\":\"1\",\"poison\":null}\n\n");
        await stream.ReadRetryAsync();
        await stream.Invoking(stream => stream.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception.Should().BeOfType<InvalidOperationException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_LaterPayloadCannotBeWrittenAndIsSkipped_NothingOfItIsSent()
    {
        await using var app = await StartAsync(
            options => options.OnError = error => error.CanSkip ? EventStreamErrorAction.Skip : EventStreamErrorAction.Fault);

        using var stream = await app.AskAsync("/second-fails", "text/event-stream");

        (await stream.ReadMessagesToEndAsync())
            .Should().Be("data: {\"text\":\"1\",\"poison\":null}\n\ndata: {\"text\":\"3\",\"poison\":null}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FormatterFailsHalfWay_NothingOfItIsInTheNextPayload()
    {
        await using var app = await StartAsync(options => options.OnError = _ => EventStreamErrorAction.Skip);

        using var stream = await app.AskAsync("/second-fails", "text/event-stream, text/x-half");

        (await stream.ReadMessagesToEndAsync()).Should().Be("data: half 1\n\ndata: half 3\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_FirstPayloadCannotBeWritten_OrdinaryErrorOfTheApp()
    {
        await using var app = await StartAsync();

        using var answer = await app.AskAsync("/first-fails", "text/event-stream");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await answer.ReadToEndAsync()).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task Get_ItemsIdCannotBeSent_SkippedOrCutLikeAPayload()
    {
        await using var app = await StartAsync(
            options => options.OnError = error => error.Exception is ArgumentException
                ? EventStreamErrorAction.Skip
                : EventStreamErrorAction.Fault);

        using var answer = await app.AskAsync("/bad-id", "text/event-stream");

        (await answer.ReadMessagesToEndAsync()).Should().EndWith("data: {\"text\":\"good\",\"poison\":null}\n\n").And.NotContain("bad");
    }

    [Fact(Timeout = 30_000)]
    public async Task Stop_PayloadIsHalfWritten_NothingOfItIsSent()
    {
        await using var app = await StartAsync();
        using var stream = await app.AskAsync("/endless-payload", "text/event-stream");
        await stream.ReadRetryAsync();
        await EndlessPayload.Started.Task.OrFail();

        await app.App.StopAsync().OrFail();

        (await stream.ReadToEndAsync()).Should().MatchRegex(@"^retry: \d+\n\z");
    }

    private static Task<TestApp> StartAsync(Action<EventStreamOptions>? options = null) => TestApp.StartAsync(
        app => app.MapControllers(),
        services =>
        {
            services.AddEventStreams(options);
            services.AddController<FaultsController>().AddEventStreamFormatter()
                .AddMvcOptions(mvc => mvc.OutputFormatters.Add(new HalfFormatter()));
        });

    /// <summary>Writes the first half of a payload to the response's pipe before it looks at the second.</summary>
    private sealed class HalfFormatter : OutputFormatter
    {
        public HalfFormatter() => SupportedMediaTypes.Add("text/x-half");

        public override Task WriteResponseBodyAsync(OutputFormatterWriteContext context)
        {
            var payload = (Payload)context.Object!;
            context.HttpContext.Response.BodyWriter.Write("half "u8);
            context.HttpContext.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(payload.Poison?.Text ?? payload.Text));
            return Task.CompletedTask;
        }
    }

    public sealed record Payload(string Text, Poison? Poison = null);

    public sealed class Poison
    {
        public string Text => throw new InvalidOperationException("This cannot be serialised.");
    }

    public sealed class EndlessPayload
    {
        public static readonly TaskCompletionSource Started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text => "half";

        public IAsyncEnumerable<int> Numbers => Endless();

        private static async IAsyncEnumerable<int> Endless([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return 1;
            Started.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    [ApiController]
    public sealed class FaultsController : ControllerBase
    {
        // The poisoned one is longer than any buffer of the formatter's, so that half of it has been written when it fails.
        [HttpGet("/second-fails")]
        public IAsyncEnumerable<Payload> SecondFails() =>
            new Payload[] { new("1"), new(new string('2', 200_000), new()), new("3") }.ToAsyncEnumerable();

        [HttpGet("/first-fails")]
        public IAsyncEnumerable<Payload> FirstFails() => new Payload[] { new("1", new()) }.ToAsyncEnumerable();

        [HttpGet("/bad-id")]
        public IAsyncEnumerable<SseItem<Payload>> BadId() =>
            new SseItem<Payload>[] { new(new("bad")) { EventId = "not an id" }, new(new("good")) { EventId = "2" } }.ToAsyncEnumerable();

        [HttpGet("/endless-payload")]
        public IAsyncEnumerable<EndlessPayload> EndlessPayloads() => new EndlessPayload[] { new() }.ToAsyncEnumerable();
    }
}
