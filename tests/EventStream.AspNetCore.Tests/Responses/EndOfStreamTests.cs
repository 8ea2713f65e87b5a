using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

public sealed class EndOfStreamTests
{
    private static readonly Action<EventStreamOptions> WithEnd = options => options.EndOfStream = new() { Event = "end", Data = "end" };

    [Fact(Timeout = 30_000)]
    public async Task SourceEnds_EndOfStreamIsSet_LastEventCarriesTheMark()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(7, 1), WithEnd)));

        await using var stream = await app.ListenAsync("/");

        (await stream.CollectToEndAsync()).Should().Equal(new TestEvent("message", "message 7", "7"), new TestEvent("end", "end", "7.end"));
        await stream.ReconnectAsync(HttpStatusCode.NoContent);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(null, ".end")]
    [InlineData("41", "41.end")]
    [InlineData("not safe", ".end")]
    public async Task SourceEnds_WithNothingNew_MarkFollowsTheClientsOwnPosition(string? lastEventId, string id)
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(0, 0), WithEnd)));

        await using var stream = await app.ListenAsync("/", lastEventId);

        (await stream.CollectToEndAsync()).Should().Equal(new TestEvent("end", "end", id));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("7.end")]
    [InlineData(".end")]
    public async Task Reconnect_WithTheMark_204AndTheSourceIsNotAsked(string lastEventId)
    {
        var asked = false;
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            id =>
            {
                asked = true;
                return Numbered.Messages(0, 1);
            },
            WithEnd)));

        await using var stream = await app.ListenAsync("/", lastEventId, HttpStatusCode.NoContent);

        asked.Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task SourceEnds_EndOfStreamIsNotSet_CleanEndAlone()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(7, 1))));

        await using var stream = await app.ListenAsync("/");

        (await stream.CollectToEndAsync()).Should().Equal(new TestEvent("message", "message 7", "7"));
    }
}
