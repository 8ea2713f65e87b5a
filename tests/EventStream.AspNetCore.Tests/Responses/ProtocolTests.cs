using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Responses;

/// <summary>What is sent on the stream of a plain source besides its messages.</summary>
public sealed class ProtocolTests
{
    private static readonly Action<EventStreamOptions> DataOnly = options => options.Protocol = EventStreamProtocol.DataOnly;

    [Fact(Timeout = 30_000)]
    public async Task End_Function_LastEventCarriesTheMarkAndThen204()
    {
        var protocol = EventStreamProtocol.DataOnly with { End = new(place => $"[DONE] {place.Channel}{place.LastEventId}") };
        await using var app = await TestApp.StartAsync(app =>
            app.MapGet("/", () => Results.EventStream(Numbered.Messages(7, 1), o => o.Protocol = protocol)));

        await using var stream = await app.ListenAsync("/");

        await stream.CollectToEndAsync();
        stream.Body.Should().Be("id: 7\ndata: message 7\n\nid: 7.end\ndata: [DONE] 7\n\n");
        await stream.ReconnectAsync(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task End_DefaultOfAProtocol_IsNoEndOfAPlainSource()
    {
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", () => Results.EventStream(Numbered.Messages(7, 1))),
            services => services.AddEventStreams(o => (o.Retry, o.Protocol) = (null, new() { AllowedEvents = ["error"] })));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadToEndAsync()).Should().Be("id: 7\ndata: message 7\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task EndOfStream_BesideAProtocol_ComesFirst()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            Numbered.Messages(7, 1), o => (o.Protocol, o.EndOfStream) = (EventStreamProtocol.DataOnly, new() { Data = "[DONE]" }))));

        using var stream = await app.OpenAsync("/");

        (await stream.ReadToEndAsync()).Should().Be("id: 7\ndata: message 7\n\nid: 7.end\ndata: [DONE]\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task LoneLines_Off_NoKeepAliveUnlessItHasABlankLine()
    {
        var (silent, alive) = (new DrivenSource(), new DrivenSource());
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/silent", () => Results.EventStream(silent.Messages(), DataOnly));
            app.MapGet("/alive", () => Results.EventStream(
                alive.Messages(),
                o => (o.Protocol, o.KeepAlive) = (EventStreamProtocol.DataOnly, EventStreamKeepAlive.CommentAndBlankLine)));
        });
        using var first = await app.OpenAsync("/silent");
        using var second = await app.OpenAsync("/alive");

        var reading = second.ReadAsync(3);
        await app.AdvanceUntilAsync(reading, TimeSpan.FromSeconds(1));
        (await reading).Should().Be(":\n\n");
        silent.Send(new() { Data = "m" });
        silent.Finish();

        (await first.ReadToEndAsync()).Should().Be("data: m\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task LoneLines_OffAndTheHostStops_CleanEndWithoutARetry()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Silent.Forever(), DataOnly)));
        using var stream = await app.OpenAsync("/");

        var stopping = app.App.StopAsync();

        (await stream.ReadToEndAsync()).Should().BeEmpty();
        await stopping.OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task LoneLines_OffAndASourceThrows_CutWithoutARetry()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(Throwing(), DataOnly)));
        using var stream = await app.OpenAsync("/");

        (await stream.ReadUntilAsync("\n\n")).Should().Be("data: m\n\n");
        await stream.Invoking(reading => reading.ReadAsync(1)).Should().ThrowAsync<HttpIOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task IdOnlyFrames_OffAndOnErrorSkips_NothingIsSentForTheMessage()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Results.EventStream(
            OneReserved(), o => (o.Protocol, o.OnError) = (EventStreamProtocol.DataOnly, _ => EventStreamErrorAction.Skip))));
        using var stream = await app.OpenAsync("/");

        (await stream.ReadToEndAsync()).Should().Be("id: 1\ndata: m\n\nid: 3\ndata: m\n\n");
    }

    private static async IAsyncEnumerable<EventStreamMessage> Throwing()
    {
        yield return new() { Data = "m" };
        await Task.Yield();
        throw new InvalidTimeZoneException();
    }

    private static async IAsyncEnumerable<EventStreamMessage> OneReserved()
    {
        yield return new() { Id = "1", Data = "m" };
        yield return new() { Id = "2", Event = "error", Data = "m" };
        yield return new() { Id = "3", Data = "m" };
        await Task.CompletedTask;
    }
}
