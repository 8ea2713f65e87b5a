using System.Net;
using System.Net.ServerSentEvents;
using EventStream.AspNetCore.Sources;
using EventStream.AspNetCore.Tests.Infrastructure;

namespace EventStream.AspNetCore.Tests.Sources;

/// <summary>
/// A frame that the compiler took for a payload, in generic code or behind <see cref="object"/>, would reach the client as JSON of a frame.
/// </summary>
public sealed class PayloadTypeTests
{
    private static readonly SseItem<string> Item = new("text");
    private static readonly EventStreamMessage Message = new() { Data = "text" };

    public static TheoryData<Action> Frames => new(
        () => PayloadType<SseItem<string>>.RefuseFrame(Item),
        () => PayloadType<SseItem<string>?>.RefuseFrame(Item),
        () => PayloadType<EventStreamMessage>.RefuseFrame(Message),
        () => PayloadType<EventStreamMessage?>.RefuseFrame(Message),
        () => PayloadType<object>.RefuseFrame(Item),
        () => PayloadType<object>.RefuseFrame(Message),
        () => PayloadType<ValueType>.RefuseFrame(Item),
        () => PayloadType<SseItem<string>?>.RefuseFrame(null),
        () => PayloadType<EventStreamMessage?>.RefuseFrame(null));

    public static TheoryData<Action> Wrapped => new(
        () => PayloadType<List<EventStreamMessage>>.RefuseFrame([Message]),
        () => PayloadType<EventStreamMessage[]>.RefuseFrame([]),
        () => PayloadType<object>.RefuseFrame(new List<EventStreamMessage>()),
        () => PayloadType<IEnumerable<EventStreamMessage>>.RefuseFrame(null!),
        () => PayloadType<IAsyncEnumerable<EventStreamMessage>>.RefuseFrame(null!),
        () => PayloadType<Task<string>>.RefuseFrame(null!),
        () => PayloadType<object>.RefuseFrame(Task.CompletedTask),
        () => PayloadType<IAsyncResult>.RefuseFrame(Task.CompletedTask),
        () => PayloadType<ValueTask>.RefuseFrame(default),
        () => PayloadType<ValueTask<int>>.RefuseFrame(default),
        () => PayloadType<EventStreamData>.RefuseFrame("text"),
        () => PayloadType<object>.RefuseFrame((EventStreamData)"text"));

    public static TheoryData<Action> Payloads => new(
        () => PayloadType<string>.RefuseFrame("text"),
        () => PayloadType<object>.RefuseFrame("text"),
        () => PayloadType<object?>.RefuseFrame(null),
        () => PayloadType<int?>.RefuseFrame(1),
        () => PayloadType<List<string>>.RefuseFrame(["text"]),
        () => PayloadType<object>.RefuseFrame(new[] { Message }.Select(message => message.Id)));

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Frames))]
    public void RefuseFrame_Frame_Throws(Action refuse) =>
        refuse.Should().Throw<InvalidOperationException>().WithMessage("*is a frame and not a payload*");

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Wrapped))]
    public void RefuseFrame_FramesInASequenceOrATask_Throws(Action refuse) => refuse.Should().Throw<InvalidOperationException>();

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Payloads))]
    public void RefuseFrame_Payload_DoesNot(Action refuse) => refuse.Should().NotThrow();

    [Fact(Timeout = 30_000)]
    public async Task Stream_ItemsOfTheFrameworkThroughGenericCode_IsAnErrorBeforeAnythingIsSent()
    {
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", () => Streamed(Items())));

        using var stream = await app.OpenAsync("/");

        stream.Response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await stream.ReadToEndAsync()).Should().BeEmpty();
    }

    private static EventStreamResult<T> Streamed<T>(IAsyncEnumerable<T> source) => Results.EventStream(source);

    private static async IAsyncEnumerable<SseItem<string>> Items()
    {
        yield return Item;
        await Task.CompletedTask;
    }
}
