using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>What cannot be in a log that outlives the process is refused, with a way out.</summary>
public sealed class MistakeTests
{

    [Fact(Timeout = 30_000)]
    public async Task Run_InALogThatHoldsNoRuns_IsRefused()
    {
        await using var app = await StartAsync(new BrokenLog(new SharedLog()));

        app.Hub().Invoking(hub => hub.Run("news", (_, _) => Numbered.Messages(1, 3))).Should().Throw<InvalidOperationException>()
            .WithMessage("*'news'*InMemory*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Tag_ThatIsNoString_IsRefusedWhereItWouldOutliveTheProcess()
    {
        var log = new SharedLog();
        await using var app = await StartAsync(log);
        var channel = app.GetChannel("news");
        var metadata = new EventStreamMetadata { Tag = 7 };
        EventStreamMessage[] messages = [new() { Data = "a" }];

        await FluentActions.Awaiting(() => channel.SayAsync("a", metadata)).Should().ThrowAsync<ArgumentException>()
            .WithMessage("*'news'*System.Int32*string*");
        await FluentActions.Awaiting(() => channel.PublishAsync(7, metadata).AsTask()).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => channel.PublishBatchAsync(messages, metadata).AsTask()).Should().ThrowAsync<ArgumentException>();

        log.Has("news").Should().BeFalse();
        await channel.SayAsync("a", new() { Tag = "7" });
        await app.GetChannel("local").SayAsync("a", metadata);
    }

    [Fact(Timeout = 30_000)]
    public async Task InMemory_InAnAppWithALog_StaysInTheProcess()
    {
        var log = new SharedLog();
        await using var app = await StartAsync(log);

        await app.GetChannel("local").SayAsync("here");
        await app.GetChannel("news").SayAsync("everywhere");
        await app.GetChannel("local").CompleteAsync();

        log.Has("news").Should().BeTrue();
        log.Has("local").Should().BeFalse();
        app.GetChannel("local").Count.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task AddLog_Twice_IsRefused()
    {
        var channels = new ServiceCollection().AddEventStreams().AddLog(_ => new SharedLog());

        channels.Invoking(it => it.AddLog(_ => new SharedLog())).Should().Throw<InvalidOperationException>()
            .WithMessage("*A log was added already*once*");
        channels.Invoking(it => it.AddLog(null!)).Should().Throw<ArgumentNullException>();
    }

    private static Task<TestApp> StartAsync(IEventStreamLog log, Action<EventStreamChannelOptions>? news = null) =>
        ChannelApp.StartAsync(channels => channels.AddChannel("news", news).AddChannel("local", c => c.InMemory = true).AddLog(_ => log));
}
