using EventStream.AspNetCore.Tests.Channels.Http;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Logs;

/// <summary>Every selector reaches the streams of other nodes, whatever these do, and plain streams follow the same rules.</summary>
public sealed class SelectorOnNodesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<string, string> SelectorsAndStreams => new()
    {
        { "user", "/here" },
        { "user", "/news" },
        { "user", "/plain" },
        { "claim", "/here" },
        { "claim", "/news" },
        { "claim", "/plain" },
        { "connection", "/here" },
        { "connection", "/plain" },
        { "channel", "/here" },
        { "channel", "/news" },
        { "user and channel", "/here" },
        { "user and channel", "/several?channel=news&channel=here" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(SelectorsAndStreams))]
    public async Task Disconnect_OnAnotherNode_ReturnsWhenTheSelectedStreamHasEnded(string selector, string path)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var stream = await OpenAsync(nodes[1], path);
        await using var plain = await nodes[1].ListenAsAsync("bob", "/plain", session: "b");
        var source = await LastSourceAsync(nodes, path);

        (await nodes[0].Hub().DisconnectAsync(Selector(selector, path, stream)).OrFail()).IsConfirmed.Should().BeTrue();
        await SayAsync(nodes, "secret");
        source.Send(new() { Data = "still here" });

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("secret");
        (await plain.NextAsync()).Data.Should().Be("still here");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(SelectorsAndStreams))]
    public async Task Disconnect_OnAnotherNode_LastEventSaysWhy(string selector, string path)
    {
        await using Nodes nodes = new() { Streams = o => o.Protocol = NamedUsers.SaysWhy };
        await nodes.AddAsync();
        await nodes.AddAsync();
        await using var stream = await OpenAsync(nodes[1], path);

        await nodes[0].Hub().DisconnectAsync(Selector(selector, path, stream)).OrFail();
        await SayAsync(nodes, "secret");

        await stream.ExpectDisconnectAsync();
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(SelectorsAndStreams))]
    public async Task Disconnect_NodeIsFrozen_TheStreamGetsNothingWhenItContinues(string selector, string path)
    {
        await using var nodes = await Nodes.StartAsync(2);
        await using var stream = await OpenAsync(nodes[1], path);
        var source = path == "/plain" ? await nodes.PlainSources.NextAsync() : null;
        var thaw = nodes.LinkOf(1).Freeze();
        var disconnecting = nodes[0].Hub().DisconnectAsync(Selector(selector, path, stream));
        await Soon.Until(() =>
        {
            nodes[0].Time.Advance(Second);
            return disconnecting.IsCompleted;
        });
        (await disconnecting).UnconfirmedNodes.Should().ContainSingle();

        // Its clock has gone on without it, and what it does first is what it was about to do.
        nodes[1].Time.Advance(6 * Second);
        source?.Send(new() { Data = "secret" });
        await SayAsync(nodes, "secret");
        nodes.LinkOf(1).Mend();
        thaw();

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("secret");
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(SelectorsAndStreams))]
    public async Task Disconnect_WhileANodeReadsTheHistory_EndsTheStreamThatItHasAlready(string selector, string path)
    {
        await using var nodes = await Nodes.StartAsync(1);
        await nodes[0].GetChannel("news").SayAsync("exists");
        var go = new TaskCompletionSource();
        var appends = nodes.Log.Appends.Count;
        var started = await nodes.AddAsync(link => link.Reading = _ => go.Task);
        await Soon.Until(() => nodes.Log.Appends.Count > appends, "the node has announced itself");
        await using var stream = await started.ListenAsAsync("ann", path, session: "a");
        var source = path == "/plain" ? await nodes.PlainSources.NextAsync() : null;

        var disconnecting = nodes[0].Hub().DisconnectAsync(Selector(selector, path, stream));
        await Soon.Until(() => nodes.Log.Appends.Count > appends + 1, "the log has the revocation");
        source?.Send(new() { Data = "secret" });
        await SayAsync(nodes, "secret");
        go.SetResult();

        await stream.ExpectEndAsync();
        stream.Body.Should().NotContain("secret");
        (await disconnecting.OrFail()).UnconfirmedNodes.Should().BeEmpty();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("ann", null)]
    [InlineData(null, "a")]
    public async Task Reads_FailForLongerThanTheTimeout_PlainStreamOfANamedUserHoldsAndThenGetsAll(string? user, string? session)
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var named = await nodes[0].ListenAsAsync(user, "/plain", session: session);
        var ofNamed = await nodes.PlainSources.NextAsync();
        await using var nobody = await nodes[0].ListenAsync("/plain");
        var ofNobody = await nodes.PlainSources.NextAsync();
        ofNamed.Send(new() { Data = "before" });
        (await named.NextAsync()).Data.Should().Be("before");
        nodes.LinkOf(0).Cut();
        nodes.Log.Poll();
        nodes.Advance(6 * Second);

        foreach (var source in (DrivenSource[])[ofNamed, ofNobody])
        {
            source.Send(new() { Data = "held" });
            source.Send(new() { Data = "held too" });
        }

        (await nobody.NextAsync()).Data.Should().Be("held");
        (await nobody.NextAsync()).Data.Should().Be("held too");
        nodes.Advance(15 * Second);
        (await named.NextCommentAsync()).Should().BeEmpty();
        named.Body.Should().NotContain("held");

        nodes.LinkOf(0).Mend();
        await nodes.AdvanceUntil(() => named.Body.Contains("held too", StringComparison.Ordinal), "the lease is renewed");
        (await named.CollectAsync(2)).Select(message => message.Data).Should().Equal("held", "held too");
    }

    [Theory(Timeout = 30_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_WhileAPlainStreamHolds_ItEndsAtOnceWithoutTheMessage(bool stops)
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var ann = await nodes[0].ListenAsAsync("ann", "/plain");
        var source = await nodes.PlainSources.NextAsync();
        source.Send(new() { Data = "before" });
        (await ann.NextAsync()).Data.Should().Be("before");
        nodes.LinkOf(0).Cut();
        nodes.Advance(6 * Second);
        source.Send(new() { Data = "held" });
        await Soon.Until(() => nodes[0].Lease().IsHolding, "the stream holds");

        var ending = stops ? nodes[0].App.StopAsync() : nodes[0].Hub().DisconnectAsync("ann");

        // No clock moves: a stream that did not wake would be abandoned later.
        await ann.ExpectEndAsync();
        ann.Body.Should().NotContain("held");
        await ending.ContinueWith(_ => { }, TaskScheduler.Default).OrFail();
    }

    [Fact(Timeout = 30_000)]
    public async Task Lease_IsWanted_AsLongAsAPlainStreamOfANamedUserIsOpen()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using (await nodes[0].ListenAsync("/plain"))
        {
            await nodes.PlainSources.NextAsync();
            nodes[0].Lease().IsWanted.Should().BeFalse();
        }

        await using (await nodes[0].ListenAsAsync("ann", "/plain"))
        {
            await nodes.PlainSources.NextAsync();
            nodes[0].Lease().IsWanted.Should().BeTrue();
        }

        await Soon.Until(() => !nodes[0].Lease().IsWanted, "the stream has ended");
    }

    private static async Task<TestEventSource> OpenAsync(TestApp app, string path)
    {
        await app.GetChannel("news").SayAsync("exists");
        var stream = await app.ListenAsAsync("ann", path, session: "a");
        if (path != "/plain") await stream.NextPositionAsync();
        return stream;
    }

    // The source of the stream that was opened last.
    private static async Task<DrivenSource> LastSourceAsync(Nodes nodes, string path)
    {
        var source = await nodes.PlainSources.NextAsync();
        return path == "/plain" ? await nodes.PlainSources.NextAsync() : source;
    }

    private static async Task SayAsync(Nodes nodes, string text)
    {
        await nodes[1].GetChannel("here").SayAsync(text);
        await nodes[0].GetChannel("news").SayAsync(text);
    }

    private static EventStreamSelector Selector(string name, string path, TestEventSource stream)
    {
        var channel = path is "/plain" ? null : path[(path.LastIndexOfAny(['/', '=']) + 1)..];
        return name switch
        {
            "user" => new() { User = "ann" },
            "claim" => new() { Claim = ("sid", "a") },
            "connection" => new() { ConnectionId = stream.ConnectionId() },
            "channel" => new() { Channel = channel },
            "user and channel" => new() { User = "ann", Channel = channel },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no selector"),
        };
    }
}
