using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStream.AspNetCore.Tests.Infrastructure;
using EventStream.Client;

namespace EventStream.AspNetCore.Tests.Channels;

/// <summary>Frames that are no sequence of messages are rejected: as JSON they would reach every subscriber.</summary>
/// <remarks>The exception names the method to call, and no sequence is used.</remarks>
public sealed partial class FramesAreNoPayloadTests : IDisposable
{
    private static readonly EventStreamMessage Message = new() { Data = "text" };
    private static readonly SseItem<string> Item = new("text");
    private static readonly EventStreamClientEvent Received = new() { Data = "text" };

    private readonly LoneHub _hub = new();

    public static TheoryData<Func<EventStreamChannel, Task>, string> Refused => new()
    {
        { channel => channel.PublishAsync<EventStreamMessage?>(null).AsTask(), "*EventStreamMessage is a frame*PublishAsync*" },
        { channel => channel.PublishAsync<EventStreamMessage[]?>(null, metadata: null, jsonTypeInfo: null).AsTask(), "*or holds frames*" },
        { channel => channel.PublishAsync(Task.FromResult(Message)).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync<object>(Task.FromResult(Message)).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync(MessageAsync()).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync<object>(ValueTask.FromResult(Message)).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync(Task.FromResult<IReadOnlyList<EventStreamMessage>>([Message])).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync(Task.FromResult("text")).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync(Task.CompletedTask).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync(new TaskCompletionSource<string>().Task).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync<List<Task<string>>>([]).AsTask(), "*Await it first*" },
        { channel => channel.PublishAsync(Messages()).AsTask(), "*hub.Run*" },
        { channel => channel.PublishAsync<object>(Messages()).AsTask(), "*hub.Run*" },
        { channel => channel.PublishAsync(new List<EventStreamMessage?> { null }).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync<object>(new List<EventStreamMessage?> { Message }).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new Dictionary<string, EventStreamMessage>()).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new List<List<EventStreamMessage>>()).AsTask(), "*or holds frames*PublishBatchAsync*" },
        { channel => channel.PublishAsync(new Memory<EventStreamMessage>([Message])).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(Item).AsTask(), "*SseItem*make an EventStreamMessage of it*" },
        { channel => channel.PublishAsync<object>(Item).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync<SseItem<string>?>(null).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(new List<SseItem<string>>()).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync<object>(Array.Empty<SseItem<string>>()).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(new[] { "a" }.Select(text => new SseItem<string>(text))).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(Items()).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(ItemsOverTime()).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(new Dictionary<string, SseItem<string>>()).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync([], jsonTypeInfo: OwnJson.Default.ListSseItemString).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(Item, new LoneTransaction()).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(Task.FromResult(Message), new LoneTransaction()).AsTask(), "*Await it first*" },
        { channel => channel.PublishBatchAsync(new[] { Item }).AsTask(), "*SseItem*" },
        { channel => channel.PublishBatchAsync<object>(["text", Item]).AsTask(), "*SseItem*" },
        { channel => channel.PublishBatchAsync(new EventStreamMessage?[] { Message, null }).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishBatchAsync(new[] { Task.FromResult("text") }).AsTask(), "*Await it first*" },
        { channel => channel.PublishBatchAsync(new[] { new[] { Message } }).AsTask(), "*or holds frames*PublishBatchAsync*" },
        { channel => channel.PublishBatchAsync(new[] { Messages() }).AsTask(), "*hub.Run*" },
        { channel => Task.FromResult(EventStreamMessage.Json(Message)), "*EventStreamMessage is a frame*" },
        { channel => Task.FromResult(EventStreamMessage.Json<object>(new[] { Message })), "*or holds frames*" },
        { channel => Task.FromResult(EventStreamMessage.Json(Task.FromResult("text"))), "*Await it first*" },
        { channel => Task.FromResult(EventStreamMessage.Json(Item)), "*SseItem*" },
        { channel => channel.PublishAsync(EventStreamMessage.Json(new List<SseItem<string>>())).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(Received).AsTask(), "*EventStreamClientEvent*make an EventStreamMessage of its event and data*" },
        { channel => channel.PublishAsync<object>(Received).AsTask(), "*EventStreamClientEvent*" },
        { channel => channel.PublishAsync(new List<EventStreamClientEvent<int>>()).AsTask(), "*EventStreamClientEvent*" },
        { channel => Task.FromResult(EventStreamMessage.Json(Received)), "*EventStreamClientEvent*" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task Publish_FramesThatAreNoMessages_IsRefusedWithWhatToCall(Func<EventStreamChannel, Task> publish, string advice)
    {
        var channel = _hub.GetChannel("news");

        await FluentActions.Awaiting(() => publish(channel)).Should().ThrowAsync<InvalidOperationException>().WithMessage(advice);

        (await channel.PublishAsync("next")).Sequence.Should().Be(1);
    }

    public static TheoryData<Func<EventStreamChannel, Task>, string> Inside => new()
    {
        { channel => channel.PublishAsync(new Envelope("a", Message)).AsTask(), "*EventStreamMessage is a frame*Path: $.Content*" },
        { channel => channel.PublishAsync<object>(new Envelope("a", Message)).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new { Message }).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new { Boxed = (object)Message }).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new List<object> { Message }).AsTask(), "*EventStreamMessage is a frame*IEnumerable*" },
        { channel => channel.PublishAsync<IEnumerable<object>>(new object[] { "a", Message }).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new System.Collections.ArrayList { Message }).AsTask(), "*EventStreamMessage is a frame*" },
        {
            channel => channel.PublishAsync(new Dictionary<string, object> { ["a"] = new[] { Message } }).AsTask(),
            "*EventStreamMessage is a frame*"
        },
        {
            channel => channel.PublishAsync(new("a", Message), jsonTypeInfo: OwnJson.Default.Envelope).AsTask(),
            "*EventStreamMessage is a frame*"
        },
        { channel => channel.PublishAsync(new { Message.Data }).AsTask(), "*EventStreamData is a frame*" },
        { channel => channel.PublishAsync(new EventStreamSnapshot([Message])).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(EventStreamMessage.Json(new { Message })).AsTask(), "*EventStreamMessage is a frame*" },
        { channel => channel.PublishAsync(new { Item }).AsTask(), "*SseItem*Path: $.item*" },
        { channel => channel.PublishAsync(new { Boxed = (object)Item }).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(new List<object> { "a", Item }).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync<object>(new List<List<SseItem<string>>> { new() { Item } }).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(EventStreamMessage.Json(new { Item })).AsTask(), "*SseItem*" },
        { channel => channel.PublishAsync(new { Received }).AsTask(), "*EventStreamClientEvent*Path: $.received*" },
        { channel => channel.PublishAsync(new(Item), jsonTypeInfo: OwnJson.Default.Parcel).AsTask(), "*SseItem*Parcel contains it*" },
        { channel => channel.PublishAsync(new(null), jsonTypeInfo: OwnJson.Default.Parcel).AsTask(), "*SseItem*" },
        {
            channel => channel.PublishAsync(new([new(Item)]), jsonTypeInfo: OwnJson.Default.Shipment).AsTask(),
            "*SseItem*Shipment contains it*"
        },
        {
            channel => channel.PublishAsync(new() { ["a"] = new(Item) }, jsonTypeInfo: OwnJson.Default.DictionaryStringParcel).AsTask(),
            "*SseItem*"
        },
        { channel => channel.PublishAsync(new Wrapped(Item), jsonTypeInfo: OwnJson.Default.Goods).AsTask(), "*SseItem*Goods contains it*" },
        { channel => channel.PublishAsync(EventStreamMessage.Json(new(Item), OwnJson.Default.Parcel)).AsTask(), "*SseItem*" },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Inside), DisableDiscoveryEnumeration = true)]
    public async Task Publish_FrameInsideAPayload_IsRefusedWithWhereItIs(Func<EventStreamChannel, Task> publish, string advice)
    {
        var channel = _hub.GetChannel("news");

        await FluentActions.Awaiting(() => publish(channel)).Should().ThrowAsync<NotSupportedException>().WithMessage(advice);

        (await channel.PublishAsync("next")).Sequence.Should().Be(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Json_OfAFrame_IsNeitherWrittenNorRead()
    {
        Action[] acts =
        [
            () => JsonSerializer.Serialize(Message),
            () => JsonSerializer.Serialize<EventStreamMessage?>(Message, OwnJson.Default.NullableEventStreamMessage),
            () => JsonSerializer.Serialize(Message.Data),
            () => JsonSerializer.Deserialize<EventStreamMessage>("{}"),
            () => JsonSerializer.Deserialize<EventStreamMessage>("null"),
            () => JsonSerializer.Deserialize("{\"Name\":\"a\",\"Content\":{}}", OwnJson.Default.Envelope),
        ];

        foreach (var act in acts)
        {
            act.Should().Throw<NotSupportedException>().Which.Message.Should().Contain("EventStream.AspNetCore.EventStream");
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_SseItemWithAConverterOfTheApps_IsWhatThatWrites()
    {
        using var services = new ServiceCollection()
            .ConfigureHttpJsonOptions(o => o.SerializerOptions.Converters.Add(new OwnItemConverter()))
            .AddEventStreams().AddChannel("news").Services
            .BuildServiceProvider();

        var channel = services.GetRequiredService<EventStreamHub>().GetChannel("news");
        var entry = new EventStream.AspNetCore.Channels.MessageEncoder("news", channel.Definition).EncodeJson(new { Item }, null, null);

        System.Text.Encoding.UTF8.GetString(entry.FrameWithoutId).Should().Be("data: {\"item\":\"own\"}\n\n");
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_OwnContractWithoutAFrame_IsPublishedEachTime()
    {
        var channel = _hub.GetChannel("news");
        var tree = new Tree("a", [new("b", [])]);

        for (var i = 1; i <= 3; i++) (await channel.PublishAsync(tree, jsonTypeInfo: OwnJson.Default.Tree)).Sequence.Should().Be(i);
    }

    [Fact(Timeout = 30_000)]
    public async Task Publish_OwnContractWithAConverterForTheItem_IsPublished()
    {
        var json = new JsonSerializerOptions { TypeInfoResolver = OwnJson.Default, Converters = { new OwnItemConverter() } };
        var contract = (System.Text.Json.Serialization.Metadata.JsonTypeInfo<Parcel>)json.GetTypeInfo(typeof(Parcel));

        (await _hub.GetChannel("news").PublishAsync(new(Item), jsonTypeInfo: contract)).Sequence.Should().Be(1);
    }

    public void Dispose() => _hub.Dispose();

    private static async Task<EventStreamMessage> MessageAsync()
    {
        await Task.Yield();
        return Message;
    }

    private static async IAsyncEnumerable<EventStreamMessage> Messages()
    {
        yield return Message;
        await Task.CompletedTask;
    }

    private static IEnumerable<SseItem<string>> Items()
    {
        yield return Item;
    }

    private static async IAsyncEnumerable<SseItem<string>> ItemsOverTime()
    {
        yield return Item;
        await Task.CompletedTask;
    }

    internal sealed record Parcel(SseItem<string>? Content);

    internal sealed record Shipment(IReadOnlyList<Parcel> Parcels);

    internal sealed record Tree(string Name, IReadOnlyList<Tree> Branches);

    [JsonDerivedType(typeof(Wrapped), "wrapped")]
    internal record Goods;

    internal sealed record Wrapped(SseItem<string> Content) : Goods;

    internal sealed record Envelope(string Name, EventStreamMessage Content);

    private sealed class OwnItemConverter : JsonConverter<SseItem<string>>
    {
        public override SseItem<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => default;

        public override void Write(Utf8JsonWriter writer, SseItem<string> value, JsonSerializerOptions options) =>
            writer.WriteStringValue("own");
    }

    [JsonSerializable(typeof(Envelope))]
    [JsonSerializable(typeof(Shipment))]
    [JsonSerializable(typeof(Goods))]
    [JsonSerializable(typeof(Tree))]
    [JsonSerializable(typeof(Dictionary<string, Parcel>))]
    [JsonSerializable(typeof(EventStreamMessage?))]
    [JsonSerializable(typeof(List<SseItem<string>>))]
    private sealed partial class OwnJson : JsonSerializerContext;
}
