using System.Net;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.AspNetCore.Tests.Runs;
using Microsoft.Extensions.Options;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>What a channel's stream sends first, at a gap and at its end: the app's own events, or nothing.</summary>
public abstract class ProtocolTests(Kept kept) : ChannelTests(kept)
{
    private const string ErrorOfTwoLost = "event: error\ndata: {\"type\":\"error\",\"lost\":2}\n\n";

    private static readonly EventStreamProtocol OfAgents = new()
    {
        First = new(place => $"hello {place.Channel} {place.LastEventId}"),
        Gap = new("error", gap => EventStreamMessage.Json(new { type = "error", gap.Lost }).Data),
        End = new("run_finished", place => $"{place.Channel} {place.LastEventId}"),
        AllowedEvents = ["error"],
    };

    [Fact(Timeout = 30_000)]
    public async Task First_Function_IsTheFirstEventAndCarriesThePosition()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Protocol = OfAgents));
        var id = await app.GetChannel("news").SayAsync("m");

        using var stream = await app.OpenAsync("/news");

        await stream.ShouldBringAsync($"id: {id}\ndata: hello news {id}\n\n");
        var next = await app.GetChannel("news").SayAsync("next");
        await stream.ShouldBringAsync(Frame(next, "next"));
    }

    [Fact(Timeout = 30_000)]
    public async Task First_WhereAMessageIsReady_IsNotSent()
    {
        await using var app = await StartAsync(channels =>
            channels.AddChannel("news", c => (c.Protocol, c.Start) = (OfAgents, EventStreamStart.Oldest)));
        var id = await app.GetChannel("news").SayAsync("m");

        using var stream = await app.OpenAsync("/news");

        await stream.ShouldBringAsync(Frame(id, "m"));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/news")]
    [InlineData("/several?channel=news&channel=other")]
    public async Task First_Off_FirstBytesAreTheFirstMessage(string path)
    {
        var silent = new EventStreamProtocol { IdOnlyFrames = false };
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Protocol = silent).AddChannel("other"));
        using var stream = await app.OpenAsync(path);
        await Soon.Until(() => app.GetChannel("news").SubscriberCount == 1);

        await app.GetChannel("news").SayAsync("m");

        (await stream.ReadUntilAsync("\n\n")).Should().MatchRegex(@"\Aid: [^\n]+\ndata: m\n\n\z");
    }

    [Fact(Timeout = 30_000)]
    public async Task IdOnlyFrames_OffAndAFilterPassesOverMany_NoPositionIsSent()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => (c.Protocol, c.Capacity) = (new() { IdOnlyFrames = false }, 4)),
            app => app.MapEventStream("/last", _ => new EventStreamSubscription("news") { Filter = entry => entry.Event == "last" }));
        using var stream = await app.OpenAsync("/last");
        await Soon.Until(() => app.GetChannel("news").SubscriberCount == 1);
        for (var i = 0; i < 8; i++)
        {
            await app.GetChannel("news").SayAsync("passed over");
            await Soon.Until(() => app.GetChannel("news").Lag == 0);
        }

        var id = await app.GetChannel("news").PublishAsync(new EventStreamMessage { Event = "last", Data = "m" });

        await stream.ShouldBringAsync($"id: {id}\nevent: last\ndata: m\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_Function_IsSentByItsEventWithThePositionAsId()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => (c.Protocol, c.Capacity) = (OfAgents, 2)));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);

        await stream.ShouldBringAsync($"id: {ids[3]}\n" + ErrorOfTwoLost + Frame(ids[4], "m4") + Frame(ids[5], "m5"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_FunctionAndOnGap_EventWithoutAnIdThenTheState()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => WithState(c).Protocol = OfAgents));
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);

        await stream.ShouldBringAsync(ErrorOfTwoLost + "data: a\n\ndata: b\n\n" + Position(ids[5]));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("throws")]
    [InlineData("returns null")]
    [InlineData("cannot be serialised")]
    public async Task Gap_FunctionFails_IsAFaultBeforeTheGapWhateverOnErrorSays(string how)
    {
        var protocol = new EventStreamProtocol
        {
            Gap = new(gap => how switch
            {
                "throws" => throw new InvalidTimeZoneException(),
                "returns null" => default,
                _ => EventStreamMessage.Json(new { Address = (nint)1 }).Data,
            }),
        };
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => (c.Protocol, c.Capacity) = (protocol, 2)),
            options: o => o.OnError = _ => EventStreamErrorAction.Skip);
        var ids = await app.GetChannel("news").SayManyAsync(5);
        using var stream = await app.OpenAsync("/news", ids[1]);

        (await stream.ReadLineAsync()).Should().StartWith("retry: ");
        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any());
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle();
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_FunctionFailsForOneOfTwoChannels_NoIdOfTheOtherMovesPastIt()
    {
        var protocol = new EventStreamProtocol { Gap = new(_ => throw new InvalidTimeZoneException()) };
        await using var app = await StartAsync(channels =>
            channels.AddChannel("news", c => (c.Protocol, c.Capacity) = (protocol, 2)).AddChannel("other"));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        var before = await app.GetChannel("other").SayAsync("before");
        var id = await app.GetChannel("other").SayAsync("m");

        using var stream = await app.OpenAsync("/several?channel=news&channel=other", $"{ids[1]},{before}");

        (await stream.ReadUntilAsync("\n\n")).Should().Be($"id: {ids[1]},{id}\ndata: m\n\n");
        (await stream.ReadLineAsync()).Should().StartWith("retry: ");
        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task First_FunctionFails_IsAFaultWhateverOnErrorSays()
    {
        var protocol = new EventStreamProtocol { First = new(_ => throw new InvalidTimeZoneException()) };
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => c.Protocol = protocol),
            options: o => o.OnError = _ => EventStreamErrorAction.Skip);
        using var stream = await app.OpenAsync("/news");

        (await stream.ReadLineAsync()).Should().StartWith("retry: ");
        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Gap_OffWithOnGap_StateAloneAndTheGapIsCountedAndLogged()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => WithState(c).Protocol = new() { Gap = null }));
        using var metrics = new MetricRecorder(app.App.Services);
        var ids = await app.GetChannel("news").SayManyAsync(5);

        using var stream = await app.OpenAsync("/news", ids[1]);

        await stream.ShouldBringAsync("data: a\n\ndata: b\n\n" + Position(ids[5]));
        var gap = metrics.Of("event_stream.channel.untold_gaps").Should().ContainSingle().Subject;
        gap.Value.Should().Be(1);
        gap.Tags["event_stream.channel"].Should().Be("news");
        gap.Tags["event_stream.gap.reason"].Should().Be("evicted");
        metrics.Of("event_stream.channel.gaps").Should().BeEmpty();
        app.Log.Entries.Should().ContainSingle(entry => entry.Id == 30).Which.Message.Should().Contain("news").And.Contain("evicted");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/quiet")]
    [InlineData("/quiet-several")]
    [InlineData("/quiet-result")]
    [InlineData("/quiet-run")]
    public async Task Gap_OffByAResponseWithoutOnGap_IsRefusedBeforeAByteIsSent(string path)
    {
        static void BeQuiet(EventStreamOptions options) => options.Protocol = EventStreamProtocol.DataOnly;
        await using var app = await StartAsync(
            channels => channels.AddChannel("news").AddChannel("board", c => WithState(c)),
            app =>
            {
                app.MapEventStream("/quiet", "news", BeQuiet);
                app.MapEventStream("/quiet-several", _ => new EventStreamSubscription("board", "news"), (_, options) => BeQuiet(options));
                app.MapGet("/quiet-result", (EventStreamHub hub) => Results.EventStream(hub.GetChannel("news"), configure: BeQuiet));
                app.MapGet("/quiet-run", (EventStreamHub hub) => Results.EventStream(new DrivenRun(hub, "news"), configure: BeQuiet));
            });

        using var answer = await app.OpenAsync(path);

        answer.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("'news'").And.Contain("OnGap");
        app.GetChannel("news").SubscriberCount.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("channel")]
    [InlineData("app")]
    public async Task Gap_OffWithoutOnGap_AppDoesNotStart(string by)
    {
        var starting = () => StartAsync(
            channels => channels.AddChannel("news", c => c.Protocol = by == "channel" ? EventStreamProtocol.DataOnly : null),
            options: o => o.Protocol = by == "app" ? EventStreamProtocol.DataOnly : null);

        var refusal = (await starting.Should().ThrowAsync<Exception>()).Which;
        refusal.Should().BeAssignableTo(by == "channel" ? typeof(OptionsValidationException) : typeof(InvalidOperationException));
        refusal.Message.Should().Contain("'news'").And.Contain("Set OnGap");
    }

    [Fact(Timeout = 30_000)]
    public async Task End_Function_IsTheLastEventWithTheMark()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Protocol = OfAgents with { First = null }));
        var id = await app.GetChannel("news").SayAsync("m");
        await app.GetChannel("news").CompleteAsync();

        await using var stream = await app.ListenAsync("/news", id);

        (await stream.CollectToEndAsync()).Should().Equal(new TestEvent("run_finished", $"news {id}", $"{id}.end"));
        await stream.ReconnectAsync(HttpStatusCode.NoContent);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/news")]
    [InlineData("/several?channel=news&channel=other")]
    public async Task End_Off_MarkAloneAndThen204(string path)
    {
        await using var app = await StartAsync(channels =>
            channels.AddChannel("news", c => c.Protocol = new() { End = null }).AddChannel("other"));
        await app.GetChannel("news").SayAsync("m");
        await app.GetChannel("news").CompleteAsync();
        await app.GetChannel("other").CompleteAsync();

        await using var stream = await app.ListenAsync(path);

        (await stream.CollectToEndAsync()).Should().BeEmpty();
        stream.Body.Should().MatchRegex(@"id: [^\n]+\.end\n\n\z");
        await stream.ReconnectAsync(HttpStatusCode.NoContent);
    }

    [Fact(Timeout = 30_000)]
    public async Task End_OffAndNoIdOnlyFrames_JustEndsAndAReconnectIsServedTheEndAgain()
    {
        await using var app = await StartAsync(channels =>
            channels.AddChannel("news", c => c.Protocol = new() { End = null, IdOnlyFrames = false }));
        var id = await app.GetChannel("news").SayAsync("m");
        await app.GetChannel("news").CompleteAsync();

        using var stream = await app.OpenAsync("/news", id);

        stream.Response.StatusCode.Should().Be(HttpStatusCode.OK);
        await stream.ShouldEndWithAsync("");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("throws")]
    [InlineData("returns null")]
    public async Task End_FunctionFails_StreamIsCutAndNotFinished(string how)
    {
        var protocol = new EventStreamProtocol { End = new(_ => how == "throws" ? throw new InvalidTimeZoneException() : default) };
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Protocol = protocol));
        var id = await app.GetChannel("news").SayAsync("m");
        await app.GetChannel("news").CompleteAsync();
        using var stream = await app.OpenAsync("/news", id);

        await stream.ShouldBringAsync(Position(id));
        (await stream.ReadLineAsync()).Should().StartWith("retry: ");
        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("/news", "of the channel")]
    [InlineData("/plain", "of the app")]
    [InlineData("/by-end", "end of the response")]
    [InlineData("/by-protocol", "of the response")]
    [InlineData("/by-null", "of the channel")]
    [InlineData("/by-the-apps", "of the app")]
    [InlineData("/several?channel=plain&channel=news", "of the app")]
    public async Task End_SetInSeveralPlaces_ResponseThenChannelThenApp(string path, string expected)
    {
        var ofTheApp = Ending("of the app");
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => c.Protocol = Ending("of the channel")).AddChannel("plain"),
            app =>
            {
                app.MapEventStream("/by-end", "news", o => o.EndOfStream = new() { Data = "end of the response" });
                app.MapEventStream("/by-protocol", "news", o => o.Protocol = Ending("of the response"));
                app.MapEventStream("/by-null", "news", o => o.Protocol = null);
                app.MapEventStream("/by-the-apps", "news", o => o.Protocol = ofTheApp);
            },
            options: o => o.Protocol = ofTheApp);
        foreach (var name in (string[])["news", "plain"]) await app.GetChannel(name).CompleteAsync();

        await using var stream = await app.ListenAsync(path);

        (await stream.CollectToEndAsync()).Should().ContainSingle().Which.Data.Should().Be(expected);
    }

    [Fact(Timeout = 30_000)]
    public async Task End_OfTheAppsOptions_IsThatOfItsChannelsToo()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"), options: o => o.EndOfStream = new() { Event = "bye", Data = "for good" });
        await app.GetChannel("news").CompleteAsync();

        await using var stream = await app.ListenAsync("/news");

        (await stream.CollectToEndAsync()).Should().ContainSingle().Which.Event.Should().Be("bye");
    }

    [Fact(Timeout = 30_000)]
    public async Task DataOnly_GapSnapshotMessagesAndEnd_EachBlockIsAMessageAndAResumeLosesNothing()
    {
        var protocol = EventStreamProtocol.DataOnly with { End = new(_ => "[DONE]") };
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => WithState(c).Protocol = protocol),
            options: o => o.Retry = TimeSpan.FromSeconds(3));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        using (var cut = await app.OpenAsync("/news", ids[1])) await cut.ShouldBringAsync($"data: a\n\nid: {ids[5]}\ndata: b\n\n");

        using var stream = await app.OpenAsync("/news", ids[5]);
        var next = await app.GetChannel("news").SayAsync("next");
        await stream.ShouldBringAsync(Frame(next, "next"));
        await app.GetChannel("news").CompleteAsync();

        await stream.ShouldEndWithAsync($"id: {next}.end\ndata: [DONE]\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task DataOnly_EmptySnapshot_SendsNothingForIt()
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c =>
        {
            (c.Capacity, c.Protocol) = (2, EventStreamProtocol.DataOnly);
            c.OnGap = (_, _) => new(new EventStreamSnapshot([]));
        }));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        using var stream = await app.OpenAsync("/news", ids[1]);
        await Soon.Until(() => app.GetChannel("news") is { SubscriberCount: 1, Lag: 0 });

        var next = await app.GetChannel("news").SayAsync("next");

        await stream.ShouldBringAsync(Frame(next, "next"));
    }

    private static EventStreamProtocol Ending(string data) => new() { End = new(_ => data) };

    private static EventStreamChannelOptions WithState(EventStreamChannelOptions options)
    {
        options.Capacity = 2;
        options.OnGap = (_, _) => new(new EventStreamSnapshot([new() { Data = "a" }, new() { Data = "b" }]));
        return options;
    }

    public sealed class InMemory() : ProtocolTests(Kept.InMemory);

    public sealed class InALog() : ProtocolTests(Kept.InALog);

    public sealed class BeyondMemory() : ProtocolTests(Kept.BeyondMemory);
}
