using System.Collections;
using System.Collections.Immutable;
using EventStream.AspNetCore.Tests.Infrastructure;
using static EventStream.AspNetCore.Tests.Channels.Http.ChannelApp;

namespace EventStream.AspNetCore.Tests.Channels.Http;

/// <summary>Messages are published as messages, whatever they are declared as and come in; and text as text.</summary>
public abstract class PublishBindingTests(Kept kept) : ChannelTests(kept)
{
    private static readonly EventStreamMessage A = new() { Event = "e", Data = "a" };
    private static readonly EventStreamMessage B = new() { Data = "b" };

    public static TheoryData<string, Func<EventStreamHub, Task>> Sequences => new()
    {
        { "array", hub => hub.PublishAsync("news", new[] { A, B }).AsTask() },
        { "list", hub => hub.PublishAsync("news", new List<EventStreamMessage> { A, B }).AsTask() },
        { "query", hub => hub.PublishAsync("news", new[] { "a", "b" }.Select(text => text == "a" ? A : B)).AsTask() },
        { "iterator", hub => hub.PublishAsync("news", Iterate()).AsTask() },
        { "IEnumerable", hub => hub.PublishAsync("news", (IEnumerable<EventStreamMessage>)new[] { A, B }).AsTask() },
        { "ICollection", hub => hub.PublishAsync("news", (ICollection<EventStreamMessage>)new[] { A, B }).AsTask() },
        { "IReadOnlyList", hub => hub.PublishAsync("news", (IReadOnlyList<EventStreamMessage>)new[] { A, B }).AsTask() },
        { "ImmutableArray", hub => hub.PublishAsync("news", ImmutableArray.Create(A, B)).AsTask() },
        { "ArraySegment", hub => hub.PublishAsync("news", new ArraySegment<EventStreamMessage>([A, A, B], 1, 2)).AsTask() },
        { "queue", hub => hub.PublishAsync("news", new Queue<EventStreamMessage>([A, B])).AsTask() },
        { "set", hub => hub.PublishAsync("news", new HashSet<EventStreamMessage>([A, B])).AsTask() },
        { "collection expression", hub => hub.PublishBatchAsync("news", [A, B]).AsTask() },
        { "object", hub => hub.PublishAsync<object>("news", new List<EventStreamMessage> { A, B }).AsTask() },
        { "query as object", hub => hub.PublishAsync<object>("news", new[] { "a", "b" }.Select(text => text == "a" ? A : B)).AsTask() },
        { "IEnumerable without a type", hub => hub.PublishAsync<IEnumerable>("news", Iterate()).AsTask() },
        { "by the type of the array", hub => hub.PublishAsync<EventStreamMessage[]>("news", [A, B]).AsTask() },
        { "by the type of the structure", hub => hub.PublishAsync<ImmutableArray<EventStreamMessage>>("news", [A, B]).AsTask() },
        { "generic code", hub => PublishIn(hub, new List<EventStreamMessage> { A, B }) },
        { "dynamic", hub => (Task)((dynamic)hub.PublishBatchAsync("news", (dynamic)new[] { A, B })).AsTask() },
        { "batch as an array", hub => hub.PublishBatchAsync("news", new[] { A, B }).AsTask() },
        { "batch as a query", hub => hub.PublishBatchAsync("news", new[] { "a", "b" }.Select(text => text == "a" ? A : B)).AsTask() },
        { "batch as a structure", hub => hub.PublishBatchAsync("news", ImmutableArray.Create(A, B)).AsTask() },
        { "batch of objects", hub => hub.PublishBatchAsync<object>("news", [A, B]).AsTask() },
        { "batch of nullable messages", hub => hub.PublishBatchAsync("news", new EventStreamMessage?[] { A, B }).AsTask() },
        { "batch of a channel", hub => hub.GetChannel("news").PublishBatchAsync(Iterate()).AsTask() },
        { "another publisher", hub => new ForwardingPublisher(hub).PublishAsync("news", new List<EventStreamMessage> { A, B }).AsTask() },
        { "channel", hub => hub.GetChannel("news").PublishAsync(Iterate()).AsTask() },
        { "channel and object", hub => hub.GetChannel("news").PublishAsync<object>(new[] { A, B }).AsTask() },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Sequences), DisableDiscoveryEnumeration = true)]
    public async Task Messages_InASequenceOfAnyType_ArePublishedTogether(string type, Func<EventStreamHub, Task> publish)
    {
        await using var app = await StartNewsAsync();

        await publish(app.Hub());
        var next = await app.GetChannel("news").SayAsync("next");
        await app.GetChannel("news").CompleteAsync();

        next.Should().EndWith("-3", "{0} is two messages", type);
        using var stream = await app.OpenAsync("/news");
        await stream.ShouldEndWithAsync(
            $"id: {next[..^1]}1\nevent: e\ndata: a\n\n" + Frame($"{next[..^1]}2", "b") + Frame(next, "next") + End(next));
    }

    public static TheoryData<string, Func<EventStreamHub, Task>> Alone => new()
    {
        { "boxed", hub => hub.PublishAsync<object>("news", A).AsTask() },
        { "nullable", hub => hub.PublishAsync("news", (EventStreamMessage?)A).AsTask() },
        { "by its type", hub => hub.PublishAsync<EventStreamMessage>("news", A).AsTask() },
        { "an interface of its own", hub => hub.PublishAsync<IEquatable<EventStreamMessage>>("news", A).AsTask() },
        { "ValueType", hub => hub.PublishAsync<ValueType>("news", A).AsTask() },
        { "generic code", hub => PublishIn(hub, A) },
        { "channel", hub => hub.GetChannel("news").PublishAsync<object>(A).AsTask() },
        { "another publisher", hub => new ForwardingPublisher(hub).PublishAsync<object>("news", A).AsTask() },
        { "named in the call", hub => hub.PublishAsync("news", A with { Event = "other" }, eventName: "e").AsTask() },
        { "text named in the call", hub => hub.PublishAsync("news", "a", eventName: "e").AsTask() },
        { "sequence named in the call", hub => hub.PublishAsync("news", new[] { A with { Event = null } }, eventName: "e").AsTask() },
        { "batch named in the call", hub => hub.PublishBatchAsync("news", ["a"], eventName: "e").AsTask() },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Alone), DisableDiscoveryEnumeration = true)]
    public async Task Message_DeclaredAsAnything_IsPublishedAsItIs(string type, Func<EventStreamHub, Task> publish)
    {
        await using var app = await StartNewsAsync();

        await publish(app.Hub());
        var position = await app.GetChannel("news").GetNewestAsync();

        position.Sequence.Should().Be(1, type);
        using var stream = await app.OpenAsync("/news");
        await stream.ShouldBringAsync($"id: {position}\nevent: e\ndata: a\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Messages_DeclaredAsObject_HaveThePositionOfTheLastAndTheirOwnSpaceOfKeys()
    {
        await using var app = await StartNewsAsync();
        var key = new EventStreamMetadata { IdempotencyKey = "k" };

        var single = await app.Hub().PublishAsync<object>("news", A, key);
        var last = await app.Hub().PublishAsync<object>("news", new[] { A, B }, key);
        var list = await app.Hub().PublishBatchAsync("news", new[] { A, B }, key);
        var none = () => app.Hub().PublishAsync<object>("news", Array.Empty<EventStreamMessage>()).AsTask();

        single.Sequence.Should().Be(1);
        last.Sequence.Should().Be(3);
        list[1].Should().Be(last);
        (await none.Should().ThrowAsync<ArgumentException>()).WithMessage("*PublishBatchAsync*");
        (await app.Hub().PublishAsync("news", A, key)).Should().Be(single);
    }

    public static TheoryData<string, Func<EventStreamHub, Task>> Texts => new()
    {
        { "object", hub => hub.PublishAsync<object>("news", "a \"text\"").AsTask() },
        { "IComparable", hub => hub.PublishAsync<IComparable>("news", "a \"text\"").AsTask() },
        { "IEnumerable<char>", hub => hub.PublishAsync<IEnumerable<char>>("news", "a \"text\"").AsTask() },
        { "IEquatable<string>", hub => hub.PublishAsync<IEquatable<string>>("news", "a \"text\"").AsTask() },
        { "bytes as object", hub => hub.PublishAsync<object>("news", "a \"text\""u8.ToArray()).AsTask() },
        { "bytes as a list", hub => hub.PublishAsync<IReadOnlyList<byte>>("news", "a \"text\""u8.ToArray()).AsTask() },
        { "memory as object", hub => hub.PublishAsync<object>("news", new ReadOnlyMemory<byte>("a \"text\""u8.ToArray())).AsTask() },
        { "memory or null", hub => hub.PublishAsync<ReadOnlyMemory<byte>?>("news", "a \"text\""u8.ToArray()).AsTask() },
        { "memory that can be written", hub => hub.PublishAsync("news", new Memory<byte>("a \"text\""u8.ToArray())).AsTask() },
        { "data of a message", hub => hub.PublishAsync("news", (EventStreamData)"a \"text\"").AsTask() },
        { "channel", hub => hub.GetChannel("news").PublishAsync<object>("a \"text\"").AsTask() },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public async Task Text_DeclaredAsAnything_IsPublishedAsItIs(string type, Func<EventStreamHub, Task> publish)
    {
        await using var app = await StartNewsAsync();

        await publish(app.Hub());
        var position = await app.GetChannel("news").GetNewestAsync();

        position.Sequence.Should().Be(1, type);
        using var stream = await app.OpenAsync("/news");
        await stream.ShouldBringAsync(Frame($"{position}", "a \"text\""));
    }

    public static TheoryData<string, Func<EventStreamHub, Task>, string> Values => new()
    {
        { "list", hub => hub.PublishAsync("news", new List<int> { 1, 2 }).AsTask(), "[1,2]" },
        { "list as object", hub => hub.PublishAsync<object>("news", new List<int> { 1, 2 }).AsTask(), "[1,2]" },
        { "texts", hub => hub.PublishAsync<IEnumerable<string>>("news", ["a", "b"]).AsTask(), "[\"a\",\"b\"]" },
        {
            "query over messages",
            hub => hub.PublishAsync<object>("news", new[] { A, B }.Select(it => it.Data.ToString())).AsTask(),
            "[\"a\",\"b\"]"
        },
        { "number as object", hub => hub.PublishAsync<object>("news", 7).AsTask(), "7" },
        { "null as object", hub => hub.PublishAsync<object?>("news", null).AsTask(), "null" },
        { "objects", hub => hub.PublishAsync<object[]>("news", ["a", 1]).AsTask(), "[\"a\",1]" },
        { "signed bytes", hub => hub.PublishAsync<object>("news", new sbyte[] { 1, -1 }).AsTask(), "[1,-1]" },
        { "another publisher", hub => new ForwardingPublisher(hub).PublishAsync("news", new List<int> { 1, 2 }).AsTask(), "[1,2]" },
        { "batch of one list", hub => hub.PublishBatchAsync("news", new[] { new List<int> { 1, 2 } }).AsTask(), "[1,2]" },
    };

    [Fact(Timeout = 30_000)]
    public async Task Values_PublishedTogether_AreAnEventEach()
    {
        await using var app = await StartNewsAsync();

        var positions = await app.Hub().PublishBatchAsync<object>("news", ["a \"text\"", 7, A, "b"u8.ToArray(), new { Symbol = "MSFT" }]);
        await app.GetChannel("news").CompleteAsync();

        positions.Select(position => position.Sequence).Should().Equal(1, 2, 3, 4, 5);
        using var stream = await app.OpenAsync("/news");
        await stream.ShouldEndWithAsync(
            Frame($"{positions[0]}", "a \"text\"")
            + Frame($"{positions[1]}", "7")
            + $"id: {positions[2]}\nevent: e\ndata: a\n\n"
            + Frame($"{positions[3]}", "b")
            + Frame($"{positions[4]}", "{\"symbol\":\"MSFT\"}")
            + End($"{positions[4]}"));
    }

    [Fact(Timeout = 30_000)]
    public async Task Value_WithAnEventsName_IsThatEvent()
    {
        await using var app = await StartNewsAsync();

        var direct = await app.Hub().PublishAsync("news", new { Symbol = "MSFT" }, eventName: "quote");
        var byMessage = await new ForwardingPublisher(app.Hub()).PublishAsync("news", new { Symbol = "MSFT" }, eventName: "quote");

        using var stream = await app.OpenAsync("/news");
        var frame = "event: quote\ndata: {\"symbol\":\"MSFT\"}\n\n";
        await stream.ShouldBringAsync($"id: {direct}\n{frame}id: {byMessage}\n{frame}");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("a\nb", "*U+000A*")]
    [InlineData("error", "*'error'*AllowedEvents*")]
    public async Task Value_WithANameThatNoEventMayHave_IsRefused(string name, string reason)
    {
        await using var app = await StartNewsAsync();
        var hub = app.Hub();
        Func<Task>[] publishing =
        [
            () => hub.PublishAsync("news", "text", eventName: name).AsTask(),
            () => hub.PublishAsync("news", 7, eventName: name).AsTask(),
            () => hub.PublishAsync("news", A, eventName: name).AsTask(),
            () => hub.PublishAsync<object>("news", new[] { A }, eventName: name).AsTask(),
            () => hub.PublishBatchAsync("news", [7], eventName: name).AsTask(),
        ];

        foreach (var publish in publishing) await publish.Should().ThrowAsync<ArgumentException>().WithMessage(reason);
        (await app.GetChannel("news").GetNewestAsync()).Sequence.Should().Be(0);
    }

    [Fact(Timeout = 30_000)]
    public async Task Batch_OfTheCharactersOfAText_IsRefused()
    {
        await using var app = await StartNewsAsync();
        var hub = app.Hub();
        Func<Task>[] publishing =
        [
            () => hub.PublishBatchAsync("news", "text").AsTask(),
            () => hub.PublishBatchAsync("news", "text"u8.ToArray()).AsTask(),
            () => hub.PublishBatchAsync<char>("news", "text").AsTask(),
            () => hub.GetChannel("news").PublishBatchAsync("text").AsTask(),
        ];

        foreach (var publish in publishing) await publish.Should().ThrowAsync<ArgumentException>().WithMessage("*one value*PublishAsync*");
        (await app.GetChannel("news").GetNewestAsync()).Sequence.Should().Be(0);
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public async Task Value_ThatIsASequenceOrAnObject_IsOneJson(string type, Func<EventStreamHub, Task> publish, string json)
    {
        await using var app = await StartNewsAsync();

        await publish(app.Hub());
        var position = await app.GetChannel("news").GetNewestAsync();

        position.Sequence.Should().Be(1, type);
        using var stream = await app.OpenAsync("/news");
        await stream.ShouldBringAsync(Frame($"{position}", json));
    }

    private static Task<EventStreamPosition> PublishIn<T>(EventStreamHub hub, T value) => hub.PublishAsync("news", value).AsTask();

    private static IEnumerable<EventStreamMessage> Iterate()
    {
        yield return A;
        yield return B;
    }

    private Task<TestApp> StartNewsAsync() => StartAsync(channels => channels.AddChannel("news", c => c.Start = EventStreamStart.Oldest));

    public sealed class InMemory() : PublishBindingTests(Kept.InMemory);

    public sealed class InALog() : PublishBindingTests(Kept.InALog);
}
