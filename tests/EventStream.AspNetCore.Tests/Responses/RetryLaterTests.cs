using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class RetryLaterTests
{
    [Fact(Timeout = 30_000)]
    public async Task RetryLater_EventSourceAsks_200LoneRetryAndCleanEnd()
    {
        await using var app = await StartAsync();

        await using var stream = await app.ListenAsync("/");

        (await stream.NextRetryAsync()).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10))
            .And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(15));
        await stream.ExpectEndAsync();
        stream.Body.Should().MatchRegex(@"\Aretry: \d+\n\z");
    }

    [Fact(Timeout = 30_000)]
    public async Task RetryLater_AppsProtocolHasNoLoneLines_503ForAnEventSourceToo()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(10))),
            services => services.AddEventStreams(o => o.Protocol = EventStreamProtocol.DataOnly));

        using var answer = await app.OpenAsync("/");

        answer.Response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        answer.Response.Headers.RetryAfter.Should().NotBeNull();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("application/json")]
    [InlineData("application/json, text/event-stream")]
    [InlineData(null)]
    public async Task RetryLater_AnyoneElseAsks_503WithRetryAfter(string? accept)
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accept is not null) request.Headers.Accept.ParseAdd(accept);

        using var response = await app.Client.SendAsync(request).OrFail();

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().BeInRange(10, 15);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(86_400_001)]
    public void RetryLater_OutOfRange_IsRefusedWithTheRange(int milliseconds)
    {
        var making = () => TypedResults.EventStreamRetryLater(TimeSpan.FromMilliseconds(milliseconds));

        making.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*from 1 ms to one day*");
    }

    private static Task<TestApp> StartAsync() =>
        TestApp.StartAsync(app => app.MapGet("/", () => TypedResults.EventStreamRetryLater(TimeSpan.FromSeconds(10))));
}
