using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Names of events that a channel's messages may have only where its protocol, or the app's, allows them.</summary>
public abstract class ReservedEventTests(Kept kept) : ChannelTests(kept)
{
    private static readonly EventStreamProtocol Named = new()
    {
        First = new("hello", _ => ""),
        Gap = new("lost", _ => ""),
        End = new("finished", _ => ""),
    };

    /// <summary>The ways by which a message comes into a channel.</summary>
    public static Dictionary<string, Func<EventStreamHub, EventStreamChannel, EventStreamMessage, Task>> Entries { get; } = new()
    {
        ["message"] = async (_, channel, message) => await channel.PublishAsync(message),
        ["hub"] = async (hub, channel, message) => await hub.PublishAsync(channel.Name, message),
        ["value"] = async (_, channel, message) => await channel.PublishAsync((object)message),
        ["list"] = async (_, channel, message) => await channel.PublishBatchAsync([new() { Data = "before" }, message]),
        ["list as a value"] = async (_, channel, message) => await channel.PublishAsync((object)new List<EventStreamMessage> { message }),
        ["name of a value"] = async (hub, channel, message) => await hub.PublishAsync(channel.Name, 7, eventName: message.Event),
        ["name of values"] = async (_, channel, message) => await channel.PublishBatchAsync([7], eventName: message.Event),
    };

    private static string[] Names => ["error", "open", "stream-gap", "stream-end", "finished", "lost", "hello"];

    public static TheoryData<string, string> Refused
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (var entry in Entries.Keys)
            {
                foreach (var name in Names) rows.Add(entry, name);
            }

            return rows;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Refused))]
    public async Task Publish_ReservedName_IsRefusedAndNothingIsPublished(string entry, string name)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c => c.Protocol = Named));

        var publishing = () => Entries[entry](app.Hub(), app.GetChannel("news"), new() { Event = name, Data = "forged" });

        (await publishing.Should().ThrowAsync<ArgumentException>()).WithMessage($"*'{name}'*AllowedEvents*").WithParameterName("Event");
        (await app.GetChannel("news").GetNewestAsync()).Sequence.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("channel")]
    [InlineData("app")]
    public async Task Publish_NameIsAllowed_IsDelivered(string by)
    {
        var relay = new EventStreamProtocol { AllowedEvents = ["error", "stream-end"] };
        await using var app = await StartAsync(
            channels => channels.AddChannel("news", c => c.Protocol = by == "channel" ? relay : null),
            options: o => o.Protocol = by == "app" ? relay : null);
        using var stream = await app.OpenAsync("/news");
        await stream.ReadPositionAsync();

        var position = await app.GetChannel("news").PublishAsync(new EventStreamMessage { Event = "error", Data = "overloaded" });

        await stream.ShouldBringAsync($"id: {position}\nevent: error\ndata: overloaded\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_AnotherReservedNameThanTheAllowedOne_IsRefused()
    {
        await using var app = await StartAsync(channels =>
            channels.AddChannel("news", c => c.Protocol = new() { AllowedEvents = ["error"] }));

        var publishing = () => app.GetChannel("news").PublishAsync(new EventStreamMessage { Event = "stream-end", Data = "forged" })
            .AsTask();

        await publishing.Should().ThrowAsync<ArgumentException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_NameOfTheAppsEndOfStream_IsRefused()
    {
        await using var app = await StartAsync(
            channels => channels.AddChannel("news"), options: o => o.EndOfStream = new() { Event = "bye", Data = "" });

        var publishing = () => app.GetChannel("news").PublishAsync(new EventStreamMessage { Event = "bye", Data = "forged" }).AsTask();

        await publishing.Should().ThrowAsync<ArgumentException>();
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Snapshot_ReservedName_IsAFaultUnlessItIsAllowed(bool isAllowed)
    {
        await using var app = await StartAsync(channels => channels.AddChannel("news", c =>
        {
            c.Capacity = 2;
            c.OnGap = (_, _) => new(new EventStreamSnapshot([new() { Event = "error", Data = "state" }]));
            if (isAllowed) c.Protocol = new() { AllowedEvents = ["error"] };
        }));
        var ids = await app.GetChannel("news").SayManyAsync(5);
        using var stream = await app.OpenAsync("/news", ids[1]);

        if (isAllowed)
        {
            var gap = Gap("news", "evicted", ids[1], ids[4], ids[5], 2);
            await stream.ShouldBringAsync(gap + "event: error\ndata: state\n\n" + Position(ids[5]));
            return;
        }

        await stream.Invoking(reading => reading.ReadToEndAsync()).Should().ThrowAsync<HttpIOException>();
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Exception!.Message.Should().Contain("AllowedEvents");
    }

    [Fact(Timeout = 30_000)]
    public async Task Run_ReservedName_FailsUnlessItIsAllowed()
    {
        await using var app = await StartAsync(channels => channels
            .AddChannel("runs/{id}", c => c.InMemory = true)
            .AddChannel("relays/{id}", c => (c.InMemory, c.Protocol) = (true, new() { AllowedEvents = ["error"] })));

        await app.Hub().Run("runs/1", (_, _) => Errors()).StartAsync();
        await app.Hub().Run("relays/1", (_, _) => Errors()).StartAsync();

        using var stream = await app.OpenAsync("/relays/1");
        (await stream.ReadToEndAsync()).Should().Contain("event: error\ndata: overloaded\n\n");
        await Soon.Until(() => app.Log.AtLeast(LogLevel.Error).Any());
        app.Log.AtLeast(LogLevel.Error).Should().ContainSingle().Which.Message.Should().Contain("runs/1");
    }

    private static async IAsyncEnumerable<EventStreamMessage> Errors()
    {
        yield return new() { Event = "error", Data = "overloaded" };
        await Task.CompletedTask;
    }

    public sealed class InMemory() : ReservedEventTests(Kept.InMemory);

    public sealed class InALog() : ReservedEventTests(Kept.InALog);
}
