using EventStream.Client.Tests.Infrastructure;

namespace EventStream.Client.Tests.Reading;

public sealed class OptionsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<string, Action<EventStreamClientOptions>> Wrong => new()
    {
        { "Method", options => options.Method = null! },
        { "TimeProvider", options => options.TimeProvider = null! },
        { "ReconnectDelay", options => options.ReconnectDelay = -Tick },
        { "ReconnectDelay", options => options.ReconnectDelay = TimeSpan.FromHours(1) + Tick },
        { "MaxReconnectDelay", options => options.MaxReconnectDelay = TimeSpan.FromMilliseconds(100) - Tick },
        { "MaxReconnectDelay", options => options.MaxReconnectDelay = TimeSpan.FromDays(1) + Tick },
        { "IdleTimeout", options => options.IdleTimeout = TimeSpan.Zero },
        { "IdleTimeout", options => options.IdleTimeout = TimeSpan.FromDays(1) + Tick },
        { "MaxAttempts", options => options.MaxAttempts = 0 },
        { "MaxEventBytes", options => options.MaxEventBytes = 1023 },
        { "MaxEventBytes", options => options.MaxEventBytes = int.MaxValue },
        { "LastEventId", options => options.LastEventId = "1\n2" },
        { "LastEventId", options => options.LastEventId = "1\r2" },
        { "LastEventId", options => options.LastEventId = "\0" },
        { "LastEventId", options => options.LastEventId = new('x', 8001) },
        { "EndSentinels", options => options.EndSentinels = [""] },
        { "EndSentinels", options => options.EndSentinels = ["[DONE]", null!] },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Option_OutOfItsRange_IsRefusedBeforeTheLoopAndNamed(string name, Action<EventStreamClientOptions> spoil)
    {
        using var client = new HttpClient();
        var options = new EventStreamClientOptions();
        spoil(options);

        client.Invoking(each => each.ReadEventStreamAsync("http://localhost/", options)).Should().Throw<ArgumentException>()
            .WithMessage($"*{name}*");
    }

    [Fact(Timeout = 30_000)]
    public async Task Options_ChangedAfterTheCall_AreAsTheyWere()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream("data: a\n\n"));
        var options = new EventStreamClientOptions { LastEventId = "1" };
        var messages = peer.Read(options);
        options.LastEventId = "2";

        await using var reading = messages.GetAsyncEnumerator();
        await reading.MoveNextAsync();

        peer.Requests[0]["Last-Event-ID"].Should().Be("1");
    }

    [Fact(Timeout = 30_000)]
    public async Task Address_ThatIsNone_IsRefused()
    {
        using var client = new HttpClient();

        client.Invoking(each => each.ReadEventStreamAsync("http://")).Should().Throw<UriFormatException>();
    }

    [Fact(Timeout = 30_000)]
    public async Task Event_LargerThanTheMost_FailsAndNamesWhichOption()
    {
        await using var peer = await Peer.StartAsync(Peer.Stream($"data: {new string('x', 1024)}\n\ndata: {new string('x', 1025)}\n\n"));
        List<EventStreamClientEvent> events = [];
        var options = new EventStreamClientOptions { MaxEventBytes = 1024 };

        var reading = async () =>
        {
            await foreach (var message in peer.Read(options)) events.Add(message);
        };

        await reading.Should().ThrowAsync<EventStreamClientException>().WithMessage("*more than 1024 bytes*MaxEventBytes*");
        events.Should().ContainSingle().Which.Data.Should().HaveLength(1024);
        peer.Requests.Should().ContainSingle("the next attempt would bring the same event");
    }
}
